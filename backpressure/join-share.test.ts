import fc from 'fast-check';
import t from 'tap';
import { JoinShare } from './join-share.ts';

const window = fc.record({
  delayMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 500, noNaN: true })),
  served: fc.nat(2000),
  joins: fc.nat(50),
});

function after(windows: readonly { delayMs: number; served: number; joins: number }[]): JoinShare {
  const share = new JoinShare();
  for (const { delayMs, served, joins } of windows) {
    for (let join = 0; join < joins; join++) share.admits(join);
    share.endWindow(delayMs, served);
  }
  return share;
}

/** How many of many sessions are let in. */
function part(share: JoinShare): number {
  let admitted = 0;
  for (let hash = 0; hash < 4000; hash++) if (share.admits(hash)) admitted++;
  return admitted / 4000;
}

t.test('CTRL-43 a session’s lot holds for its window, and as many are let in as the share says', async (t) => {
  fc.assert(
    fc.property(fc.array(window, { maxLength: 40 }), fc.nat(0xffffffff), (windows, hash) => {
      const share = after(windows);
      if (share.share < 0 || share.share > 1) return false;
      const first = share.admits(hash);
      if (share.admits(hash) !== first) return false;
      return Math.abs(part(share) - share.share) < 0.04;
    }),
    { verbose: 1 },
  );
  t.pass();
});

t.test('CTRL-43 a wait refuses nobody for its first 150 ms, and then more the longer it is', async (t) => {
  const late = (delayMs: number, windows: number) => after(Array(windows).fill({ delayMs, served: 0, joins: 100 }));
  t.equal(late(500, 2).share, 1);
  t.ok(late(100, 4).share < 0.5);
  fc.assert(
    fc.property(fc.double({ min: 20, max: 200, noNaN: true }), fc.integer({ min: 4, max: 60 }), (delayMs, windows) => {
      const { share } = late(delayMs, windows);
      return share >= late(delayMs + 1, windows).share && share >= late(delayMs, windows + 1).share;
    }),
    { verbose: 1 },
  );
});

t.test('CTRL-43 after the wait everybody is let in again', async (t) => {
  fc.assert(
    fc.property(fc.array(window, { maxLength: 40 }), (windows) => {
      const share = after(windows);
      for (let calm = 0; calm < 80; calm++) share.endWindow(0, 0);
      return share.share === 1;
    }),
    { verbose: 1 },
  );
  t.pass();
});

t.test('CTRL-43 joins up to a sixteenth of the frames served are let in however long the wait', async (t) => {
  const flooded = after(Array(200).fill({ delayMs: 300, served: 800, joins: 45 }));
  t.equal(flooded.share, 1);
  const crowded = after(Array(200).fill({ delayMs: 300, served: 160, joins: 40 }));
  t.ok(Math.abs(crowded.share - 0.25) < 1e-6, 'ten of forty');
});

t.test('CTRL-43 who was refused is not refused for ever', async (t) => {
  const share = after(Array(60).fill({ delayMs: 21, served: 0, joins: 100 }));
  t.ok(share.share > 0.5 && share.share < 1, `the share is ${share.share.toFixed(2)}`);
  const refused = Array.from({ length: 1000 }, (_, hash) => hash).filter((hash) => !share.admits(hash));
  for (let round = 0; round < 20; round++) {
    for (let join = 0; join < 100; join++) share.admits(join);
    share.endWindow(21, 0);
  }
  const again = refused.filter((hash) => !share.admits(hash));
  t.ok(again.length < refused.length, `${again.length} of ${refused.length} are refused once more`);
  t.ok(again.length > 0);
});
