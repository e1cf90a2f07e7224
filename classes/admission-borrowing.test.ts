/** Borrowing: what a ceil above its rate gives a level while the one around it has room. */
import t from 'tap';
import { Decision } from './admission-hierarchy.ts';
import { limit } from './fixtures/admission.ts';
import { checkAdmittedRates, World } from './fixtures/admission-world.ts';

t.test('ADMIT-5 what is borrowed keeps to the ceil, and to the rate of the level it is borrowed from', async (t) => {
  checkAdmittedRates(true, ({ ceilPerSecond, ratePerSecond }) => ceilPerSecond ?? ratePerSecond);
  t.pass();
});

t.test('ADMIT-5 who keeps to his rate is admitted however much others borrow', async (t) => {
  const world = new World({ session: limit(10, 2, 1000), tenant: limit(100, 20) });
  let [borrowed, refused] = [0, 0];
  for (let ms = 0; ms < 5000; ms++) {
    world.nowMs += 1;
    if (world.admit(0) === Decision.admitted) borrowed++;
    if (ms % 100 === 99 && world.admit(1) !== Decision.admitted) refused++;
  }
  t.equal(refused, 0, 'ten a second of ten');
  t.ok(borrowed > 5 * 80, `${borrowed} of the other: what is left of the tenant, far above its rate`);
  t.ok(borrowed + 50 <= 5 * 100 + 20);
});

t.test('ADMIT-5 what was borrowed is not owed: who goes back to his rate has it at once', async (t) => {
  const world = new World({ session: limit(50, 10, 1000), tenant: limit(200, 400) });
  for (let ms = 0; ms < 5000; ms++) {
    world.nowMs += 1;
    world.admit(0);
  }
  for (let flow = 1; flow < 4; flow++) for (let frame = 0; frame < 10; frame++) world.admit(flow);
  world.nowMs += 50;
  let own = 0;
  while (world.admit(0) === Decision.admitted) own++;
  t.ok(own === 2 || own === 3, `${own} frames: what 50 ms earn, and nothing borrowed`);
});

t.test('ADMIT-5 without a level outside that has a limit, the ceil is the limit', async (t) => {
  const world = new World({ session: limit(10, 5, 100) });
  let admitted = 0;
  for (let ms = 0; ms < 1000; ms++) {
    world.nowMs += 1;
    if (world.admit(0) === Decision.admitted) admitted++;
  }
  t.ok(admitted >= 100 && admitted <= 106, `${admitted} in a second`);
});
