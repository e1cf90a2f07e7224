import fc from 'fast-check';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Caption, Frame } from '../../schemas/proto.ts';
import { type CaptionState, CaptionStore } from './caption-store.ts';

const frame = (caption: Caption, final = false): Frame => ({
  kind: Kind.caption,
  from: 'ann',
  final,
  caption: { stream: 's', segment: 0, ...caption },
});

t.test('CLIENT-10 any order of interims and finals, with repetitions, ends in the same state', (t) => {
  const versions = fc.array(
    fc.record({
      epoch: fc.integer({ min: 0, max: 2 }),
      revision: fc.integer({ min: 0, max: 5 }),
      final: fc.boolean(),
      text: fc.constantFrom('a', 'ab', 'b', ''),
    }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(versions, fc.infiniteStream(fc.nat()), (list, picks) => {
      const run = (order: typeof list): CaptionState | undefined => {
        const store = new CaptionStore();
        for (const { final, ...caption } of order) store.take(frame(caption, final));
        return store.get('ann', 's', 0);
      };
      const shuffled = [...list, ...list]
        .map((version) => ({ version, at: picks.next().value }))
        .sort((a, b) => a.at - b.at)
        .map(({ version }) => version);
      t.same(run(shuffled), run(list));
      const best = run(list);
      t.ok(best);
      const highest = Math.max(...list.map((one) => one.epoch));
      t.equal(best?.epoch, highest);
      t.equal(
        best?.final,
        list.some((one) => one.epoch === highest && one.final),
      );
    }),
    { numRuns: 200 },
  );
  t.end();
});

t.test('CLIENT-11 a final is told once; an interim after it changes nothing; a correction is told', (t) => {
  const finals: string[] = [];
  let changes = 0;
  const store = new CaptionStore({
    changed: () => changes++,
    finalised: (state) => finals.push(`${state.epoch} ${state.text}`),
  });
  t.ok(store.take(frame({ revision: 1, text: 'helo' })));
  t.notOk(store.take(frame({ revision: 1, text: 'helo' })));
  t.ok(store.take(frame({ revision: 2, text: 'hello', confidence: 0.5, speaker: 'ann', model: 'replay/x' }, true)));
  t.notOk(store.take(frame({ revision: 9, text: 'hello?' })));
  t.notOk(store.take(frame({ revision: 2, text: 'hello' }, true)));
  t.match(store.get('ann', 's', 0), { final: true, confidence: 0.5, speaker: 'ann', replay: true });
  t.ok(store.take(frame({ epoch: 1, revision: 0, text: 'hallo' }, true)));
  t.same(finals, ['0 hello', '1 hallo']);
  t.equal(changes, 3);
  t.end();
});

t.test('CLIENT-12 append mode joins contiguous parts, trims what overlaps, and waits at a gap', (t) => {
  const store = new CaptionStore();
  const part = (offset: number, text: string, final = false) => store.take(frame({ mode: 1, offset, text }, final));
  t.ok(part(0, 'né'));
  t.notOk(part(5, 'late'));
  t.ok(part(1, 'ée😀'));
  t.notOk(part(0, 'né'));
  t.ok(part(4, '!', true));
  t.notOk(part(5, 'more'));
  t.match(store.get('ann', 's', 0), { text: 'née😀!', final: true });
  t.end();
});

t.test('CLIENT-50 a correction begins an appended text anew', (t) => {
  const store = new CaptionStore();
  const part = (epoch: number, offset: number, text: string, final = false) =>
    store.take(frame({ mode: 1, epoch, offset, text }, final));
  t.ok(part(0, 0, 'wrong', true));
  t.notOk(part(1, 3, 'ht'), 'which has a beginning of its own');
  t.ok(part(1, 0, 'rig'));
  t.notOk(part(0, 5, '!'));
  t.ok(part(1, 3, 'ht', true));
  t.match(store.get('ann', 's', 0), { text: 'right', epoch: 1, final: true, state: 'completed' });
  t.end();
});

t.test('CLIENT-51 a segment given up by the gateway is told as that, and its own final after it', (t) => {
  const finals: string[] = [];
  const store = new CaptionStore({ finalised: ({ text }) => finals.push(text) });
  store.take(frame({ revision: 5, text: 'so f' }));
  t.ok(store.take(frame({ revision: 5, text: 'so f', state: 4 }, true)));
  t.match(store.get('ann', 's', 0), { final: true, state: 'abandoned', text: 'so f' });
  t.notOk(store.take(frame({ revision: 6, text: 'so far' })));
  t.same(finals, []);
  t.ok(store.take(frame({ revision: 2, text: 'so far so good', state: 1 }, true)));
  t.match(store.get('ann', 's', 0), { state: 'completed' });
  t.same(finals, ['so far so good']);
  t.end();
});

t.test('CLIENT-52 a difference is applied to the version it is to, and to no other', (t) => {
  const store = new CaptionStore();
  store.take(frame({ revision: 3, text: 'né😀 we can', speaker: 'ann', lang: 'fr', model: 'a replay' }));
  t.notOk(store.take(frame({ revision: 5, baseRevision: 4, keepPrefix: 3, text: 'x' })));
  t.notOk(store.take(frame({ epoch: 1, revision: 5, baseRevision: 3, keepPrefix: 3, text: 'x' })));
  t.ok(store.take(frame({ revision: 5, baseRevision: 3, keepPrefix: 3, text: ' you' })));
  const lasting = { speaker: 'ann', lang: 'fr', model: 'a replay', replay: true };
  t.match(store.get('ann', 's', 0), { text: 'né😀 you', ...lasting }, 'with what it leaves out');
  t.ok(store.take(frame({ revision: 6, baseRevision: 5, keepPrefix: 0, text: '' })));
  t.equal(store.get('ann', 's', 0)?.text, '');
  t.end();
});

t.test('CLIENT-13 a caption store holds a bounded number of segments', (t) => {
  const store = new CaptionStore({}, 3);
  for (let segment = 0; segment < 5; segment++) store.take(frame({ segment, text: 'x' }));
  t.same(
    store.all().map((state) => state.segment),
    [2, 3, 4],
  );
  t.end();
});
