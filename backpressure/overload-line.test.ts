/** Where the cursor's line stands: who passes, and who of those that are alike. */
import fc from 'fast-check';
import t from 'tap';
import { CURSOR_LEVELS, OverloadCursor } from './overload-cursor.ts';
import type { OverloadWindow } from './overload-law.ts';

/** So much waits that in the next window three quarters of what was served may pass. */
function tooMuch(served: number): OverloadWindow {
  return { delayMs: 20, served, backlog: 0.515 * served };
}

t.test('META-64 whoever is admitted would be at every higher priority, whatever has been offered before', async (t) => {
  const offer = fc.record({
    level: fc.nat(CURSOR_LEVELS - 1),
    tenant: fc.nat(5),
    session: fc.nat(1000),
    count: fc.nat(3000),
  });
  const window = fc.record({ offers: fc.array(offer, { maxLength: 8 }), backlog: fc.nat(6000), served: fc.nat(2000) });
  fc.assert(
    fc.property(fc.array(window, { minLength: 1, maxLength: 12 }), fc.nat(1000), (windows, session) => {
      const cursor = new OverloadCursor();
      for (const { offers, backlog, served } of windows) {
        for (const { level, tenant, session: sender, count } of offers)
          for (let sent = 0; sent < count; sent++) cursor.admits(level, tenant, sender + sent);
        cursor.endWindow({ delayMs: 20, served, backlog });
      }
      // The same tenant and session on every level: once refused, never admitted further down.
      let refused = false;
      for (let level = 0; level < CURSOR_LEVELS; level++) {
        const admitted = cursor.admits(level, 1, session);
        if (admitted && refused) return false;
        refused = !admitted;
      }
      return true;
    }),
    { numRuns: 500, verbose: 1 },
  );
  t.pass();
});

t.test(
  'META-64 of a tenant, and of one alone, a part of the sessions passes, and another part in the next window',
  async (t) => {
    const cursor = new OverloadCursor();
    const nextWindow = () => {
      const admitted = Array.from({ length: 4000 }, (_, session) => cursor.admits(3, 1, session * 7919));
      cursor.endWindow(tooMuch(1000 / 0.75));
      return admitted;
    };
    nextWindow();
    nextWindow();
    const [first, second] = [nextWindow(), nextWindow()];
    const share = first.filter(Boolean).length / first.length;
    t.ok(share > 0.2 && share < 0.3, `${share} of the sessions, where 1000 of 4000 frames may pass`);
    const both = first.filter((admitted, session) => admitted && second[session]).length / first.length;
    t.ok(both < 0.15, `${both} in both`);
  },
);

t.test('META-64 who asks for more than the others is refused first, whatever tenants there are', async (t) => {
  for (const tenants of [1, 20]) {
    for (const [frames, cost] of [
      [200, 1],
      [2, 100],
    ] as const) {
      const cursor = new OverloadCursor();
      let [ofMice, ofElephant] = [0, 0];
      for (let window = 0; window < 50; window++) {
        for (let frame = 0; frame < Math.max(2, frames); frame++) {
          for (let mouse = 0; frame < 2 && mouse < 500; mouse++) {
            if (cursor.admits(2, (mouse % tenants) * 7919, mouse * 104_729) && window >= 10) ofMice++;
          }
          if (frame < frames && cursor.admits(2, 0, 99_991, cost) && window >= 10) ofElephant += cost;
        }
        // Of 1200 that are offered 1110 may pass.
        cursor.endWindow(tooMuch(1110 / 0.75));
      }
      t.ok(ofMice >= 0.98 * 40 * 1000, `${tenants} tenants: ${ofMice} of ${40 * 1000} frames of mice`);
      t.ok(ofElephant > 0.2 * 40 * 200 && ofElephant < 0.9 * 40 * 200, `elephant: ${ofElephant} of ${40 * 200}`);
    }
  }
});

t.test('META-66 exempt frames are never refused, and what they take is taken from the others', async (t) => {
  const passed = (exempt: number) => {
    const cursor = new OverloadCursor();
    const offer = () =>
      Array.from({ length: 4000 }, (_, session) => cursor.admits(2, session % 100, session * 7919)).filter(Boolean);
    for (let windows = 0; windows < 3; windows++) {
      for (let count = 0; count < exempt; count++) cursor.exempt();
      offer();
      cursor.endWindow(tooMuch(2000));
    }
    return offer().length;
  };
  const [none, some, more] = [passed(0), passed(500), passed(5000)];
  t.ok(Math.abs(none! - 1500) < 100 && Math.abs(some! - 1000) < 100, `${none}, and ${some} beside 500 exempt ones`);
  t.equal(more, 0, 'nothing is left beside more than can be done');
});
