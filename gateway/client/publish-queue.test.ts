import fc from 'fast-check';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { PublishQueue } from './publish-queue.ts';
import { SluiceError } from './sluice-error.ts';

const caption = (segment: number, text: string, final = false): Frame => ({
  kind: Kind.caption,
  final,
  caption: { stream: 's', segment, text },
});
const gauge = (key: string, byte: number): Frame => ({ kind: Kind.gauge, gauge: { key, value: Uint8Array.of(byte) } });
const custom = (type: string): Frame => ({ kind: Kind.custom, custom: { type } });

const NO_TERMS = { credits: {}, classes: {} };
/** What a gateway with the policy of this test tells. */
const CLASSES = { caption: 'captions', gauge: 'standard', custom: 'standard' };

function started(credits: Record<string, number>, classes: Record<string, string> = CLASSES) {
  const queue = new PublishQueue();
  const sent: Frame[] = [];
  queue.begin((frame) => sent.push(frame) > 0, { credits, classes });
  return { queue, sent };
}

t.test('CLIENT-14 a class without credit waits while others leave, each in its order', (t) => {
  const { queue, sent } = started({ captions: 1, standard: 5 });
  t.equal(queue.publish(caption(0, 'a')), 'sent');
  t.equal(queue.publish(caption(1, 'b')), 'waiting');
  t.equal(queue.publish(caption(2, 'c')), 'waiting');
  t.equal(queue.publish(custom('x')), 'sent');
  t.equal(queue.waiting, 2);
  queue.credit('captions', 1);
  queue.credit('captions', 1);
  t.same(
    sent.map((frame) => frame.caption?.text ?? frame.custom?.type),
    ['a', 'x', 'b', 'c'],
  );
  t.end();
});

t.test('CLIENT-36 credit is counted by the classes the gateway names, on each socket anew', (t) => {
  const { queue, sent } = started({ speech: 1, rest: 0 }, { caption: 'speech', gauge: 'rest' });
  const kinds = () => sent.map((frame) => frame.kind);
  for (let segment = 0; segment < 3; segment++) queue.publish(caption(segment, 'a'));
  queue.publish(gauge('load', 1));
  t.equal(queue.publish(custom('x')), 'sent', 'a kind that is in no class we were told of waits for none');
  t.same(kinds(), [Kind.caption, Kind.custom]);
  const later: (number | null | undefined)[] = [];
  queue.begin((frame) => later.push(frame.kind) > 0, {
    credits: { all: 2 },
    classes: { caption: 'all', gauge: 'all' },
  });
  t.same(later, [Kind.caption, Kind.caption], 'what waited is in another class here');
  queue.credit('rest', 9);
  t.equal(later.length, 2);
  queue.credit('all', 9);
  t.same(later, [Kind.caption, Kind.caption, Kind.gauge]);
  t.end();
});

t.test(
  'CLIENT-14 whatever happens, no class sends more than its credit, in order, and nothing reliable is lost',
  async () => {
    const frames = fc.array(fc.record({ of: fc.nat(1), reliable: fc.boolean() }), { minLength: 1, maxLength: 4 });
    const step = fc.oneof(
      fc.record({ type: fc.constant('publish' as const), frames, together: fc.boolean() }),
      fc.record({ type: fc.constant('credit' as const), of: fc.nat(1), frames: fc.nat(4) }),
      fc.record({ type: fc.constant('begin' as const), credits: fc.tuple(fc.nat(4), fc.nat(4)) }),
      fc.record({ type: fc.constant('accepted' as const), back: fc.nat(3) }),
    );
    const KINDS = [Kind.custom, Kind.retrieval];
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new PublishQueue();
        const credit = [0, 0];
        const sent: Frame[][] = [[], []];
        const owed = new Set<number>();
        let [serial, highest, fault] = [0, 0, ''];
        const take = (frame: Frame): void => {
          const of = KINDS.indexOf(frame.kind as 76);
          if (--credit[of]! < 0) fault = 'beyond the credit';
          // On a new socket the reliable ones go first: each sort keeps its own order.
          const before = sent[of]!.findLast(({ pub }) => (pub ?? 0) > 0 === (frame.pub ?? 0) > 0);
          if ((frame.ts ?? 0) <= (before?.ts ?? 0)) fault = 'out of order';
          sent[of]!.push(frame);
          highest = Math.max(highest, frame.pub ?? 0);
        };
        const sink = (message: Frame): boolean => {
          for (const frame of message.batch?.frames ?? [message]) take(frame);
          return true;
        };
        const begin = (credits: [number, number]): void => {
          [credit[0], credit[1], sent[0], sent[1]] = [...credits, [], []];
          const classes = { custom: 'a', retrieval: 'b' };
          queue.begin(sink, { credits: { a: credits[0], b: credits[1] }, classes });
        };
        begin([0, 0]);
        let pub = 0;
        for (const now of steps) {
          if (now.type === 'publish') {
            const made = now.frames.map(({ of }) => ({ kind: KINDS[of]!, ts: ++serial, custom: {}, retrieval: {} }));
            const reliable = now.frames[0]!.reliable;
            if (reliable) for (const _ of made) owed.add(++pub);
            if (now.together) queue.publishTogether(made, { reliable });
            else for (const frame of made) queue.publish(frame, { reliable });
          } else if (now.type === 'credit') {
            credit[now.of]! += now.frames;
            queue.credit(now.of === 0 ? 'a' : 'b', now.frames);
          } else if (now.type === 'begin') begin(now.credits);
          else {
            const upTo = Math.max(0, highest - now.back);
            queue.accepted(upTo);
            for (const one of owed) if (one <= upTo) owed.delete(one);
          }
          if (fault !== '' || queue.retained !== owed.size) return false;
        }
        begin([1000, 1000]);
        const again = new Set(sent.flat().map((frame) => frame.pub ?? 0));
        return fault === '' && [...owed].every((one) => again.has(one));
      }),
      { numRuns: 300 },
    );
  },
);

t.test('CLIENT-39 frames published together leave in one message, once there is credit for all', (t) => {
  const { queue, sent } = started({ captions: 1, standard: 2 });
  const inside = () => sent.map((frame) => frame.batch?.frames?.map(({ kind }) => kind) ?? frame.kind);
  t.equal(queue.publishTogether([caption(0, 'a', true), custom('x'), caption(1, 'b')]), 'waiting');
  t.equal(queue.publish(custom('y')), 'waiting', 'none of their classes passes them');
  t.same(sent, []);
  queue.credit('captions', 1);
  t.same(inside(), [[Kind.caption, Kind.custom, Kind.caption], Kind.custom]);
  t.same(
    sent[0]?.batch?.frames?.map((frame) => frame.pub ?? 0),
    [1, 0, 0],
    'what must not be lost has its number',
  );
  t.equal(queue.publish(caption(5, 'z')), 'waiting', 'each of them took its credit');
  queue.credit('captions', 1);
  t.equal(queue.waiting, 0);
  t.equal(queue.retained, 1);
  const again: Frame[] = [];
  queue.begin((frame) => again.push(frame) > 0, { credits: {}, classes: CLASSES });
  t.same(
    again.map((frame) => frame.pub),
    [1],
    'and is all that is sent again',
  );
  queue.accepted(1);
  t.equal(queue.retained, 0);
  t.equal(queue.publishTogether([gauge('k', 1)], { reliable: true }), 'sent');
  t.same(
    again[1]?.batch?.frames?.map((frame) => frame.pub),
    [2],
  );
  for (const count of [0, 65]) {
    const frames = Array.from({ length: count }, () => custom('z'));
    t.throws(
      () => queue.publishTogether(frames),
      new RangeError(`expected 1 to 64 frames to publish together, found ${count}`),
    );
  }
  t.end();
});

t.test('CLIENT-39 without a socket, of frames together only what must not be lost is kept for sure', (t) => {
  const queue = new PublishQueue();
  queue.publishTogether([caption(0, 'a', true), custom('x')]);
  const sent: Frame[] = [];
  queue.begin((frame) => sent.push(frame) > 0, NO_TERMS);
  t.same(
    sent.map((frame) => frame.pub ?? frame.batch?.frames?.map(({ kind }) => kind)),
    [1, [Kind.custom]],
  );
  t.end();
});

t.test('CLIENT-15 what waits is replaced by the newest of its key, finals are not', (t) => {
  const { queue, sent } = started({ captions: 0, standard: 0 });
  queue.publish(caption(0, 'a'));
  queue.publish(gauge('load', 1));
  queue.publish(caption(0, 'ab'));
  queue.publish(caption(0, 'abc', true));
  queue.publish(caption(0, 'abcd', true));
  queue.publish(gauge('load', 2));
  t.equal(queue.waiting, 4);
  queue.credit('standard', 9);
  queue.credit('captions', 9);
  t.same(
    sent.map((frame) => frame.caption?.text ?? frame.gauge?.value?.[0]),
    [2, 'ab', 'abc', 'abcd'],
  );
  t.same(
    sent.map((frame) => frame.pub ?? 0),
    [0, 0, 1, 2],
  );
  t.end();
});

t.test('CLIENT-16 without a socket the queue stays bounded and loses no final', (t) => {
  const queue = new PublishQueue();
  let dropped = 0;
  for (let at = 0; at < 2000; at++) {
    if (queue.publish(custom(String(at))) === 'dropped') dropped++;
    if (at % 10 === 0) queue.publish(caption(at, 'f', true));
  }
  t.ok(queue.waiting <= 512, `${queue.waiting} wait`);
  t.equal(queue.retained, 200);
  t.equal(dropped, 0, 'it is the oldest that go');
  for (let at = 0; at < 824; at++) queue.publish(caption(at, 'g', true));
  t.throws(
    () => queue.publish(caption(0, 'one too many', true)),
    new SluiceError(0, 'queueFull', '1024 frames wait to be accepted by the gateway'),
  );
  const pubs: number[] = [];
  queue.begin((frame) => {
    if (frame.pub) pubs.push(frame.pub);
    return true;
  }, NO_TERMS);
  t.same(
    pubs,
    Array.from({ length: 1024 }, (_, at) => at + 1),
  );
  t.end();
});

t.test('CLIENT-17 after a new socket or a throttled, what was not accepted is sent again in order', async (t) => {
  const { queue, sent } = started({});
  for (let segment = 0; segment < 3; segment++) queue.publish(caption(segment, 'x', true));
  queue.accepted(1);
  const again: number[] = [];
  queue.begin((frame) => again.push(frame.pub ?? 0) > 0, { credits: {}, classes: CLASSES });
  t.same(again, [2, 3]);
  queue.throttled('captions', 5);
  queue.publish(caption(9, 'y', true));
  t.same(again, [2, 3], 'the class rests');
  while (again.length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  t.same(again, [2, 3, 2, 3, 4]);
  queue.accepted(4);
  await queue.flushed();
  t.equal(sent.length, 3);
  t.equal(queue.retained, 0);
  queue.close();
});
