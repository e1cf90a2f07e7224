/** What is too old is not delivered, and silence ends what is open: a room without sockets, timers or clock. */
import t from 'tap';
import { Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Frame } from '../../../schemas/proto.ts';
import { proto } from '../../../schemas/proto.ts';
import { DEFAULT_POLICY } from '../../config/default-policy.ts';
import { final, interim, presence } from '../fixtures/frames.ts';
import { joinParts, partOf, wholeText } from '../fixtures/part-texts.ts';
import { FakeClient, RoomUnderTest, TICK_MS } from '../fixtures/room-under-test.ts';

const ROOMY = { unackedBytes: 65_536, roomLogBytes: 1_048_576 };
const { State } = proto.Caption;
const { Phase } = proto.AgentTurn;
const INTERIM_TTL_MS = DEFAULT_POLICY.ttlMsByKind[Kind.caption]!;
const VALUE_TTL_MS = DEFAULT_POLICY.ttlMsByKind[Kind.presence]!;
const TURN_TTL_MS = DEFAULT_POLICY.ttlMsByKind[Kind.agentTurn]!;
const CAPTIONS = DEFAULT_POLICY.classByKind[Kind.caption]!;
const STANDARD = DEFAULT_POLICY.classByKind[Kind.presence]!;

const textsOf = (client: FakeClient) => client.received.map(({ caption }) => caption?.text);

function joined(world: RoomUnderTest, name: string, json = false): FakeClient {
  const client = new FakeClient(name, json);
  world.join(client);
  return client;
}

/** Gives everything silent up, as the sweep would after a while. */
function fallSilent(world: RoomUnderTest): void {
  world.nowMs += 1000;
  world.room.expire(world.nowMs, Number.NEGATIVE_INFINITY, { nowMs: world.nowMs, ts: world.nowMs });
}

t.test('META-33 an interim older than its lifetime is not delivered; a newer one is, and every final', async (t) => {
  const world = new RoomUnderTest(ROOMY, DEFAULT_POLICY);
  const ann = joined(world, 'ann');
  world.publish(interim('s', 1, 1, 'late'));
  world.publish(final('t', 1, 'a final'));
  world.nowMs += INTERIM_TTL_MS + 1;
  world.settle([ann]);
  t.same(textsOf(ann), ['a final'], 'whatever its age');
  t.equal(world.counters.outcome(CAPTIONS, Outcome.evicted_stale), 1);
  world.publish(interim('s', 1, 2, 'in time'));
  world.nowMs += TICK_MS;
  world.settle([ann]);
  t.same(textsOf(ann), ['a final', 'in time']);
  world.nowMs += INTERIM_TTL_MS;
  const late = joined(world, 'late', true);
  world.settle([late]);
  t.same(textsOf(late), [], 'nor to who comes late');
  world.publish(interim('s', 1, 3, 'again'));
  world.settle([ann, late]);
  t.same(textsOf(late), ['again']);
  t.same(world.counters.residuals().filter(Boolean), []);
});

t.test('META-34 a value older than its lifetime is given to nobody, and leaves the room', async (t) => {
  const world = new RoomUnderTest(ROOMY, DEFAULT_POLICY);
  const ann = joined(world, 'ann');
  world.publish(presence('old', 'v'));
  world.settle([ann]);
  world.nowMs += VALUE_TTL_MS;
  world.publish(presence('new', 'v'));
  const late = joined(world, 'late');
  world.settle([ann, late]);
  const keysOf = (client: FakeClient) => client.received.map((frame) => frame.presence?.key);
  t.same(keysOf(ann), ['old', 'new']);
  t.same(keysOf(late), ['new']);
  fallSilent(world);
  fallSilent(world);
  t.equal(world.room.live.all.length, 0);
  world.publish(presence('unseen', 'v'));
  world.nowMs += VALUE_TTL_MS + 1;
  world.settle([ann, late]);
  t.same(keysOf(late), ['new'], 'nor one that waited too long');
  t.equal(world.counters.outcome(STANDARD, Outcome.evicted_stale), 1);
  world.publish(presence('old', 'again'));
  world.settle([ann]);
  t.same(keysOf(ann), ['old', 'new', 'old']);
});

t.test('META-35 a text that grows is not begun with anybody once it is stale, and never left half given', async (t) => {
  for (const turn of [false, true]) {
    const world = new RoomUnderTest(ROOMY, DEFAULT_POLICY);
    const ann = joined(world, 'ann');
    world.publish(partOf(turn, 1, 0, 3, 'none'));
    world.settle([ann]);
    world.nowMs += TURN_TTL_MS;
    const late = joined(world, 'late');
    world.settle([ann, late]);
    t.same(late.received, []);
    world.publish(partOf(turn, 1, 3, 6, 'none'));
    world.nowMs += TURN_TTL_MS;
    world.settle([ann, late]);
    for (const client of [ann, late]) {
      const [text] = joinParts(client.received).values();
      t.same(text?.points, wholeText(1).slice(0, 6), `all of it to ${client.sessionId}, however late`);
    }
  }
});

t.test('META-36 silence ends a segment for those who have heard of it: abandoned, once', async (t) => {
  const world = new RoomUnderTest(ROOMY);
  const clients = [joined(world, 'binary'), joined(world, 'json', true)];
  world.publish(interim('s', 1, 4, 'so far', { speaker: 'ann', epoch: 2 }));
  world.settle(clients);
  world.publish(partOf(false, 7, 0, 5, 'none'));
  world.publish(partOf(true, 8, 0, 5, 'none'));
  world.settle(clients);
  world.publish(partOf(false, 7, 8, 9, 'none'));
  fallSilent(world);
  fallSilent(world);
  world.settle(clients);
  for (const client of clients) {
    const ends = client.received.filter(({ final, agentTurn }) => final || agentTurn?.phase === Phase.failed);
    t.equal(ends.length, 3);
    const replaced = ends.find(({ caption }) => caption?.stream === 's')?.caption;
    t.match(replaced, { segment: 1, epoch: 2, text: 'so far', state: State.abandoned, speaker: 'ann' });
    t.match(ends.find(({ caption }) => caption?.segment === 7)?.caption, { state: State.abandoned, offset: 5 });
    for (const text of joinParts(client.received).values()) t.equal(text.points.length, 5);
  }
  t.equal(world.room.live.all.length, 0);
  t.equal(world.counters.outcome(CAPTIONS, Outcome.evicted_stale), 1, 'what waited beyond a gap is given up');
  t.same(world.counters.residuals().filter(Boolean), []);
  t.notOk(world.publish(interim('s', 1, 5, 'more', { epoch: 2 })), 'it does not go on');
  t.notOk(world.publish(partOf(false, 7, 5, 6, 'none')));
  t.notOk(world.publish(partOf(true, 8, 5, 6, 'none')));
  t.ok(world.publish(final('s', 1, 'the end', { epoch: 2 })), 'but its own final is not lost');
  t.notOk(world.publish(final('s', 1, 'the end', { epoch: 2 })));
  const late = joined(world, 'late');
  world.settle([...clients, late]);
  t.equal(clients[0]?.received.at(-1)?.caption?.text, 'the end');
});

t.test('META-36 too many open segments end the oldest in the same way', async (t) => {
  const world = new RoomUnderTest(ROOMY);
  const ann = joined(world, 'ann');
  for (let segment = 0; segment < 40; segment++) {
    world.publish(interim('s', segment, 1, `${segment}`));
    world.settle([ann]);
  }
  const ended = ann.received.filter((frame: Frame) => frame.final);
  t.same(
    ended.map(({ caption }) => [caption?.segment, caption?.state]),
    Array.from({ length: 8 }, (_, segment) => [segment, State.abandoned]),
  );
});
