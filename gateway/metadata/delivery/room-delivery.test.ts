/** A room and its subscribers under random operations, against what each of them must have received. */
import fc from 'fast-check';
import t from 'tap';
import { Kind } from '../../../schemas/kinds.ts';
import { moderation } from '../fixtures/frames.ts';
import { checkEnd, operations, Run, wholeOf } from '../fixtures/room-run.ts';
import { FakeClient, RoomUnderTest, TICK_MS } from '../fixtures/room-under-test.ts';
import { Subscriber } from './subscriber.ts';
import { EVERYTHING } from './subscription.ts';

const ROOMY = { unackedBytes: 65_536, roomLogBytes: 1_048_576 };

t.test('META-32 finals and events come whole, once and in order, to all who stay or come back', async (t) => {
  let differences = 0;
  fc.assert(
    fc.property(operations, fc.constantFrom(0, 0, 20), fc.boolean(), (taken, crowd, ended) => {
      const run = new Run(crowd, false, ROOMY);
      for (const operation of taken) run.do(operation);
      if (ended) run.endSegments();
      checkEnd(run);
      for (const client of run.everybody) differences += client.differences;
    }),
    { numRuns: 1500, verbose: 1 },
  );
  t.pass('with the newest of what is live, within the bound of interims, and nothing kept for longer');
  t.ok(differences > 500, `${differences} interims came as differences`);
});

t.test('META-25 with a small window and a small log, who is not let go still receives the whole', async (t) => {
  const limits = { unackedBytes: 120, roomLogBytes: 1500 };
  let letGo = 0;
  fc.assert(
    fc.property(operations, (taken) => {
      const run = new Run(2, true, limits);
      for (const client of run.clients) client.mayBeginAnew = true;
      for (const operation of taken) {
        run.do(operation);
        // An anew begun client owes nothing to its former life; one whose place was given up begins anew by itself.
        for (const client of run.clients) if (client.closeCode !== 0 && !client.session) client.lastNumber = 0;
      }
      letGo += run.everybody.reduce((sum, client) => sum + client.letGo, 0);
      run.world.settle(run.everybody);
      for (const client of run.crowd) {
        if (!client.session) continue;
        const got = wholeOf(client);
        if (got.join() !== run.whole.join()) throw new Error(`${got} instead of ${run.whole}`);
      }
      if (run.world.room.log.keptBytes > limits.roomLogBytes) throw new Error(`${run.world.room.log.keptBytes} bytes`);
    }),
    { numRuns: 700, verbose: 1 },
  );
  t.ok(letGo > 0, `${letGo} were let go`);
});

t.test(
  'META-24 who has fallen behind catches up as fast as it acknowledges, at its own rhythm only in what changes',
  async (t) => {
    const missed = 1000;
    const world = new RoomUnderTest({ ...ROOMY, unackedBytes: 4096 });
    const [reader, slow] = [new FakeClient('reader', false), new FakeClient('slow', false)];
    const receive = (client: FakeClient) => {
      client.receive(client.underWay.length);
      world.acknowledge(client);
    };
    const tick = () => {
      world.nowMs += TICK_MS;
      world.write(false);
      receive(reader);
    };
    world.join(reader);
    world.join(slow);
    world.publish(moderation('first'));
    tick();
    receive(slow);
    for (let count = 0; count < missed; count++) {
      world.publish(moderation(`m${count}`));
      if (count % 20 === 19) tick();
    }
    world.publish({ kind: Kind.gauge, gauge: { key: 'level', value: Buffer.from('1') } });
    tick();
    t.ok(slow.underWay.length > 0 && slow.received.length + 100 < missed, 'it is behind');
    let most = 0;
    for (let rounds = 0; slow.underWay.length > 0 && rounds < missed; rounds++) {
      most = Math.max(
        most,
        slow.underWay.reduce((sum, message) => sum + message.length, 0),
      );
      receive(slow);
    }
    t.ok(most < 3 * 4096, `${most} bytes under way at most`);
    t.same(
      slow.received.map(({ moderation }) => moderation?.messageId),
      reader.received.filter(({ gauge }) => !gauge).map(({ moderation }) => moderation?.messageId),
      'the whole log, without a tick',
    );
    tick();
    slow.receive(slow.underWay.length);
    t.ok(slow.received.at(-1)?.gauge, 'and at the tick what is live');
  },
);

t.test('META-26 one place is kept for a session, however often its sockets break', async (t) => {
  const world = new RoomUnderTest(ROOMY);
  const [older, newer] = [new FakeClient('one', false), new FakeClient('one', true)];
  world.join(older);
  world.join(newer);
  world.breakOff(older);
  world.breakOff(newer);
  t.equal(world.room.detached.size, 1);
  world.join(older);
  t.equal(world.room.detached.size, 0, 'none for one that begins anew');
  world.leave(older);
  t.notOk(world.room.empty, 'its publisher is there');
  world.room.leave(world.publisher);
  t.ok(world.room.empty);
});

t.test('META-25 a watching node the log cannot wait for is let go like anybody', async (t) => {
  const world = new RoomUnderTest({ unackedBytes: 120, roomLogBytes: 1500 });
  const [reader, node] = [new FakeClient('reader', false), new FakeClient('node', false)];
  world.join(reader);
  // A watch has no session: it is in the room's groups and nowhere else.
  const watch = new Subscriber(world.room, 'node', node, EVERYTHING);
  world.room.groups.add(watch);
  node.blocked = true;
  for (let index = 0; index < 20; index++) {
    world.publish(moderation(`${index}`));
    world.settle([reader]);
  }
  t.equal(node.closeCode, 4108);
  t.equal(world.room.groups.size, 1);
  t.equal(reader.received.length, 20);
});
