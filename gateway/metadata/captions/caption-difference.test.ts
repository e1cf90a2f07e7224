/** Captions as differences in a room without sockets, timers or clock. */
import t from 'tap';
import { DEFAULT_POLICY } from '../../config/default-policy.ts';
import { final, interim } from '../fixtures/frames.ts';
import { FakeClient, RoomUnderTest, TICK_MS } from '../fixtures/room-under-test.ts';

const ROOMY = { unackedBytes: 65_536, roomLogBytes: 1_048_576 };
const SENTENCE = 'this is the beginning, and it stays as it is: ';

t.test(
  'DELTA-3 whole captions come first, once in keyframeMs, last, and to who has not the version before',
  async (t) => {
    const world = new RoomUnderTest(ROOMY);
    const ann = new FakeClient('ann', false, true);
    const plain = new FakeClient('plain', true);
    world.join(ann);
    world.join(plain);
    const rounds = (3 * DEFAULT_POLICY.keyframeMs) / TICK_MS - 5;
    let wholeAtMs = world.nowMs;
    const gapsMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = ann.differences;
      world.publish(interim('s', 1, round, `${SENTENCE}${round}`));
      world.write(false);
      ann.receive(1);
      if (ann.differences === before) {
        gapsMs.push(world.nowMs - wholeAtMs);
        wholeAtMs = world.nowMs;
      }
      world.nowMs += TICK_MS;
    }
    t.equal(gapsMs.shift(), 0, 'the first');
    t.same([...new Set(gapsMs)], [DEFAULT_POLICY.keyframeMs]);
    t.equal(gapsMs.length, 2);
    t.ok(ann.differences >= rounds - 4, `${ann.differences} differences`);

    const late = new FakeClient('late', true, true);
    world.join(late);
    world.publish(interim('s', 1, rounds, `${SENTENCE}${rounds}`));
    world.nowMs += TICK_MS;
    world.settle([ann, plain, late]);
    world.publish(final('s', 1, `${SENTENCE}done`));
    world.settle([ann, plain, late]);
    t.same(
      late.received.map(({ caption }) => caption?.text),
      [`${SENTENCE}${rounds - 1}`, `${SENTENCE}${rounds}`, `${SENTENCE}done`],
    );
    t.equal(late.differences, 1);
    t.same(
      ann.received.map(({ caption }) => caption?.text),
      plain.received.map(({ caption }) => caption?.text),
    );
    t.equal(plain.differences, 0);
  },
);

t.test('DELTA-3 a difference that is no shorter is not sent', async (t) => {
  const world = new RoomUnderTest(ROOMY);
  const ann = new FakeClient('ann', false, true);
  world.join(ann);
  for (const [revision, text] of ['a', 'ab', 'xyz', 'xyz'].entries()) {
    world.publish(interim('s', 1, revision, text));
    world.nowMs += TICK_MS;
    world.settle([ann]);
  }
  t.equal(ann.differences, 0);
  t.equal(ann.received.length, 4);
});
