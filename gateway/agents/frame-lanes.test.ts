import fc from 'fast-check';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { FrameLanes, type Waiting } from './frame-lanes.ts';

let serial = 0;

function waiting(className: string, reliable: boolean, key: string | null = null): Waiting {
  return { frame: { kind: Kind.custom, ts: ++serial }, className, key, reliable };
}

t.test(
  'NODE-10 whatever happens, no class sends more than its credit, in order, and no reliable frame is lost',
  async () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('offer' as const), of: fc.nat(1), reliable: fc.boolean(), drop: fc.boolean() }),
      fc.record({ type: fc.constant('grant' as const), of: fc.nat(1), frames: fc.nat(5) }),
      fc.record({ type: fc.constant('take' as const), max: fc.integer({ min: 1, max: 64 }) }),
      fc.record({ type: fc.constant('accept' as const), back: fc.nat(3) }),
      fc.record({ type: fc.constant('reset' as const) }),
      fc.record({ type: fc.constant('reclassify' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const lanes = new FrameLanes();
        const credit = [0, 0];
        const owed = new Set<number>();
        const onStream = new Map<number, number>();
        let lastPub = 0;
        const classOf = new Map<number, number>();
        const sentOnStream: number[][] = [[], []];
        for (const now of steps) {
          if (now.type === 'offer') {
            const item = waiting(`class ${now.of}`, now.reliable);
            classOf.set(item.frame.ts!, now.of);
            lanes.offer(item, now.drop ? 'drop' : 'queue', 0);
            if (now.reliable) owed.add(item.frame.ts!);
          } else if (now.type === 'grant') {
            lanes.grant(`class ${now.of}`, now.frames);
            credit[now.of]! += now.frames;
          } else if (now.type === 'take') {
            const frames = lanes.take(now.max, 0);
            if (frames.length > now.max) return false;
            for (const { ts, pub } of frames) {
              const of = classOf.get(ts!)!;
              if (--credit[of]! < 0) return false;
              if ((sentOnStream[of]!.at(-1) ?? 0) >= ts!) return false;
              sentOnStream[of]!.push(ts!);
              if (!pub) continue;
              if (pub <= lastPub) return false;
              lastPub = pub;
              onStream.set(pub, ts!);
            }
          } else if (now.type === 'accept') {
            const upTo = lastPub - now.back;
            lanes.accept(upTo);
            for (const [pub, ts] of onStream) if (pub <= upTo && onStream.delete(pub)) owed.delete(ts);
          } else if (now.type === 'reclassify') {
            // A gateway tells anew what holds already: nothing may come of it.
            lanes.reclassify(({ ts }) => `class ${classOf.get(ts!)}`);
          } else {
            lanes.reset();
            credit.fill(0);
            onStream.clear();
            sentOnStream[0] = [];
            sentOnStream[1] = [];
          }
          if (lanes.reliable !== owed.size) return false;
        }
        lanes.reset();
        lanes.grant('class 0', 1000);
        lanes.grant('class 1', 1000);
        const left = new Set(lanes.take(1000, 0).map(({ ts }) => ts!));
        return [...owed].every((ts) => left.has(ts));
      }),
      { numRuns: 300 },
    );
  },
);

t.test(
  'NODE-11 a newer frame takes the place of the older one of its key, and a final is never replaced',
  async (t) => {
    const lanes = new FrameLanes();
    const frames = [
      waiting('c', false, 'a'),
      waiting('c', false, 'b'),
      waiting('c', false, 'a'),
      waiting('c', true, 'a'),
      waiting('c', false, 'a'),
      waiting('c', true, 'a'),
    ];
    const offered = frames.map((frame) => lanes.offer(frame, 'conflate', 0));
    t.same(offered, ['queued', 'queued', 'conflated', 'conflated', 'queued', 'conflated']);
    lanes.grant('c', 9);
    const ids = lanes.take(9, 0).map(({ ts }) => ts! - serial + 6);
    t.same(ids, [4, 2, 6]);
  },
);

t.test('NODE-17 told the classes, lanes are filled anew, in order, what was sent before in front', async (t) => {
  const lanes = new FrameLanes();
  const first = serial + 1;
  const ids = (frames: { ts?: number | null }[]) => frames.map(({ ts }) => ts! - first);
  for (const [className, reliable, key] of [
    ['a', true, null],
    ['b', true, null],
    ['b', false, 'x'],
  ] as const) {
    lanes.offer(waiting(className, reliable, key), 'queue', 0);
  }
  lanes.grant('b', 1);
  t.same(ids(lanes.take(9, 0)), [1]);
  lanes.reset();
  lanes.reclassify(() => 'all');
  lanes.grant('b', 9);
  t.same(lanes.take(9, 0), [], 'the old class carries nothing now');
  t.equal(lanes.offer(waiting('all', false, 'x'), 'conflate', 0), 'conflated', 'what waits is still replaced');
  lanes.grant('all', 2);
  t.same(ids(lanes.take(9, 0)), [1, 0]);
  lanes.reclassify(() => 'other');
  lanes.reset();
  lanes.grant('other', 9);
  t.same(ids(lanes.take(9, 0)), [1, 0, 3], 'what a lost stream had not accepted goes to its class of now');
});

t.test('NODE-11 what may wait is bounded', async (t) => {
  const lanes = new FrameLanes();
  let refused = 0;
  for (let index = 0; index < 5000; index++) if (lanes.offer(waiting('c', false), 'queue', 0) === 'refused') refused++;
  t.equal(refused, 5000 - 4096);
  t.equal(lanes.offer(waiting('c', true), 'queue', 0), 'queued', 'finals are still taken');
});
