/** Appended captions and agents' turns in a room without sockets, timers or clock. */
import t from 'tap';
import { textHash } from '../../../backpressure/append-text.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Frame } from '../../../schemas/proto.ts';
import { proto } from '../../../schemas/proto.ts';
import { DEFAULT_POLICY } from '../../config/default-policy.ts';
import { final, interim, presence } from '../fixtures/frames.ts';
import { joinParts, partOf, wholeText } from '../fixtures/part-texts.ts';
import { FakeClient, RoomUnderTest, TICK_MS } from '../fixtures/room-under-test.ts';

const ROOMY = { unackedBytes: 65_536, roomLogBytes: 1_048_576 };
const { Mode, State } = proto.Caption;
const { Phase } = proto.AgentTurn;
const WHOLE = wholeText(1);
const CAPTIONS = DEFAULT_POLICY.classByKind[Kind.caption]!;

function world(...names: string[]): { room: RoomUnderTest; clients: FakeClient[] } {
  return worldOf(ROOMY, ...names);
}

function worldOf(limits: typeof ROOMY, ...names: string[]): { room: RoomUnderTest; clients: FakeClient[] } {
  const room = new RoomUnderTest(limits);
  const clients = names.map((name, index) => new FakeClient(name, index % 2 === 1));
  for (const client of clients) room.join(client);
  return { room, clients };
}

const appended = (text: string, offset: number, more: object = {}, final = false): Frame => ({
  kind: Kind.caption,
  final,
  caption: { stream: 'grows', segment: 1, mode: Mode.append, offset, text, ...more },
});

t.test('META-50 fragments leave at once and then at the tick, as one each time', async (t) => {
  for (const turn of [false, true]) {
    const { room, clients } = world('ann', 'bob');
    for (let at = 0; at < 10; at++) {
      room.publish(partOf(turn, 1, at, at + 1, 'none'));
      room.write(false);
      room.nowMs += TICK_MS / 4;
    }
    room.settle(clients);
    for (const client of clients) {
      t.equal(client.received.length, 1 + Math.ceil((10 * TICK_MS) / 4 / TICK_MS), client.sessionId);
      t.same([...joinParts(client.received).values()][0]?.points, WHOLE.slice(0, 10));
    }
    const first = clients[0]!.received[0]!;
    if (turn) {
      t.equal(first.agentTurn?.phase, Phase.started);
      t.ok(clients[0]!.received.slice(1).every(({ agentTurn }) => agentTurn?.phase === Phase.delta));
      const modelTokens = clients[0]!.received.reduce((sum, { agentTurn }) => sum + (agentTurn?.modelTokens ?? 0), 0);
      t.equal(modelTokens, 10, 'none is lost');
    }
    t.equal(room.counters.residuals().some(Boolean), false);
  }
});

t.test('META-50 where the worker refuses for overload, what begins waits for its tick', async (t) => {
  for (const pressed of [false, true]) {
    const { room, clients } = world('ann');
    const ann = clients[0]!;
    room.room.ladder.pressed = pressed;
    // A tick has just been: the next is due in a while.
    room.publish({ kind: Kind.custom, custom: { type: 'first', payload: Buffer.from('x') } });
    room.write(false);
    ann.receive(ann.underWay.length);
    room.publish(partOf(true, 1, 0, 2, 'none'));
    room.publish(appended('grows', 0));
    room.publish({ kind: Kind.caption, caption: { stream: 'replaced', segment: 1, revision: 1, text: 'so' } });
    room.write(false);
    ann.receive(ann.underWay.length);
    t.equal(ann.received.length, pressed ? 1 : 4);
    room.settle(clients);
    t.equal(ann.received.length, 4, 'and leaves with it');
    t.equal(room.counters.residuals().some(Boolean), false);
  }
});

t.test('META-50 who comes late, or is slow, is given what it lacks in one', async (t) => {
  // A batch not acknowledged fills the window.
  const { room, clients } = worldOf({ ...ROOMY, unackedBytes: 20 }, 'slow', 'quick');
  const [slow, quick] = clients as [FakeClient, FakeClient];
  room.publish(partOf(true, 1, 0, 2, 'none'));
  room.settle(clients);
  room.publish(partOf(true, 1, 2, 3, 'none'));
  for (let at = 3; at < 9; at++) {
    room.nowMs += TICK_MS;
    room.write(false);
    quick.receive(quick.underWay.length);
    room.acknowledge(quick);
    room.publish(partOf(true, 1, at, at + 1, 'none'));
  }
  t.equal(slow.underWay.length, 1);
  t.equal(quick.received.length, 7);
  const late = new FakeClient('late', false);
  room.join(late);
  room.settle([...clients, late]);
  t.match(
    slow.received.map(({ agentTurn }) => agentTurn?.offset),
    [0, 2, 3],
    'six fragments in one',
  );
  t.match(late.received[0], { agentTurn: { phase: Phase.started, text: WHOLE.slice(0, 8).join('') } });
  t.equal(late.received.length, 2, 'what had left, in one, and what came then');
  for (const client of [...clients, late])
    t.same([...joinParts(client.received).values()][0]?.points, WHOLE.slice(0, 9));
});

t.test('META-51 a gap holds the end back, and the publisher is asked for the whole', async (t) => {
  for (const turn of [false, true]) {
    const { room, clients } = world('ann', 'bob');
    room.publish(partOf(turn, 1, 0, 3, 'none'));
    room.settle(clients);
    t.ok(room.publish(partOf(turn, 1, 5, WHOLE.length, 'whole')), 'the end is taken');
    t.same(room.asked, [turn ? 't1 0' : 'grows 1']);
    t.notOk(room.publish(partOf(turn, 1, 5, WHOLE.length, 'whole')), 'once');
    room.settle(clients);
    for (const client of clients) {
      t.match([...joinParts(client.received).values()], [{ ended: false, points: WHOLE.slice(0, 3) }]);
    }
    room.nowMs += 2000;
    room.room.expire(0, 0, { nowMs: room.nowMs, ts: 0 });
    t.equal(room.asked.length, 2, 'and asked again');
    t.ok(room.publish(partOf(turn, 1, 0, 6, 'none')));
    room.settle(clients);
    for (const client of clients) {
      t.match([...joinParts(client.received).values()], [{ ended: true, points: WHOLE }]);
    }
    room.room.expire(0, 0, { nowMs: room.nowMs + 2000, ts: 0 });
    t.equal(room.asked.length, 2, 'no more');
    t.equal(room.counters.residuals().some(Boolean), false);
    t.equal(room.counters.finalsDelivered, turn ? 0 : 1);
  }
});

t.test(
  'META-52 how a text ends is told once: completed with its length and hash, or as its publisher says',
  async (t) => {
    const whole = WHOLE.join('');
    const bytes = Buffer.from(whole);
    const hash = textHash(bytes, bytes.length);
    const endOf = (frames: Frame[]) => {
      const { room, clients } = world('ann', 'bob');
      for (const frame of frames) {
        room.publish(frame);
        room.settle(clients);
      }
      const ends = clients.map((client) => client.received.filter(({ final }) => final).map(({ caption }) => caption));
      t.same(ends[0], ends[1], 'the same in both encodings');
      t.equal(ends[0]?.length, 1);
      return ends[0]?.[0];
    };
    const half = appended(WHOLE.slice(0, 4).join(''), 0);
    const rest = (more: object) => appended(WHOLE.slice(4).join(''), 4, more, true);
    const length = WHOLE.length;
    t.match(endOf([half, rest({ totalLen: length, hash })]), {
      state: State.completed,
      totalLen: length,
      hash,
      offset: 4,
    });
    t.match(endOf([half, appended('', 4, { state: State.failed }, true)]), { state: State.failed, totalLen: null });
    t.match(endOf([half, appended('', 4, { state: State.truncated }, true)]), { state: State.truncated });
    t.match(endOf([appended(whole, 0, {}, true)]), { text: whole }, 'a whole in one piece');
    t.match(endOf([appended(whole, 0, { totalLen: length, hash }, true)]), { text: whole, hash });
    t.match(endOf([appended('', 0, {}, false), appended('', 0, {}, true)]), { state: State.completed, totalLen: 0 });
  },
);

t.test('META-53 a fragment that contradicts the text is malformed, and ends it as failed', async (t) => {
  const malformed = (room: RoomUnderTest) => room.counters.outcome(CAPTIONS, Outcome.malformed);
  const contradictions = [
    appended('x', 1),
    appended('', 2, { totalLen: 2 }, true),
    appended('', 4, { hash: 1 }, true),
    appended('', 1, {}, true),
  ];
  for (const frame of contradictions) {
    const { room, clients } = world('ann');
    room.publish(appended('text', 0));
    room.settle(clients);
    room.publish(frame);
    room.settle(clients);
    t.equal(malformed(room), 1);
    t.match(clients[0]?.received.at(-1), { final: true, caption: { state: State.failed } });
    t.notOk(room.publish(appended('more', 4)), 'it takes no more');
    t.equal(room.counters.residuals().some(Boolean), false);
  }
});

t.test('META-54 a correction begins the text anew; what is of an older epoch comes too late', async (t) => {
  const { room, clients } = world('ann', 'bob');
  room.publish(appended('wrong', 0));
  room.settle(clients);
  room.publish(appended('ri', 0, { epoch: 1 }));
  t.notOk(room.publish(appended(' words', 5)));
  room.publish(appended('ght', 2, { epoch: 1 }, true));
  t.notOk(room.publish(appended('right', 0, { epoch: 1 }, true)));
  room.settle(clients);
  room.publish(appended('better', 0, { epoch: 2 }, true));
  room.settle(clients);
  for (const client of clients) {
    const epochs = [0, 1, 2].map((epoch) => {
      const frames = client.received.filter(({ caption }) => (caption?.epoch ?? 0) === epoch);
      return [...joinParts(frames).values()][0]?.points.join('');
    });
    t.same(epochs, ['wrong', 'right', 'better']);
  }
});

t.test('META-55 texts that grow without end are cut, and said to be', async (t) => {
  const { room, clients } = world('ann');
  let offset = 0;
  while (room.publish(appended('z'.repeat(1000), offset))) {
    offset += 1000;
    room.nowMs += TICK_MS;
    room.settle(clients);
  }
  t.ok(offset > 5000 && offset < 65_536, `${offset} characters`);
  room.settle(clients);
  t.match(clients[0]?.received.at(-1), { final: true, caption: { state: State.truncated } });
  t.equal([...joinParts(clients[0]!.received).values()][0]?.points.length, offset);
  t.equal(room.counters.outcome(CAPTIONS, Outcome.evicted_overflow), 1);
  let segment = 2;
  const text = 'z'.repeat(2000);
  while (room.publish(appended(text, 0, { stream: `s${segment}` }))) segment++;
  t.ok(segment > 20 && segment < 40, `${segment} texts of 2 KB at a time, of 64 KB`);
  const { live } = room.room;
  t.ok(live.bytes <= live.mostBytes, `${live.bytes} bytes`);
  t.notOk(room.publish(presence('large', 'v'.repeat(2000))), 'nor is there room for a value');
  t.notOk(room.publish(interim('whole', 1, 1, 'v'.repeat(2000))));
  room.room.expire(room.nowMs + 1, 0, { nowMs: room.nowMs + 1, ts: 0 });
  t.equal(live.bytes, 0, 'all of it is given back');
  t.ok(room.publish(presence('large', 'v'.repeat(2000))));
  t.ok(room.publish(presence('large', 'v'.repeat(3000))));
  t.ok(room.publish(interim('whole', 1, 1, 'v'.repeat(4000))));
  t.ok(live.bytes > 7000 && live.bytes < 7200, `${live.bytes} bytes`);
  room.publish(final('whole', 1, ''));
  room.room.leave(room.publisher);
  t.equal(live.bytes, 0);
  room.settle(clients);
  t.equal(room.counters.residuals().some(Boolean), false);
});
