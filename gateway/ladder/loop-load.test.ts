/** That a plane tells of lateness only while it is the plane's own. */
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { LoopLoad } from './loop-load.ts';

t.test('LADDER-16 a loop that hardly works tells of no lateness, whoever measured it', async (t) => {
  const load = new LoopLoad();
  load.start();
  await pause(300);
  t.same(load.take({ schedulerDelayMs: 1000, controlP999Ms: 1000 }), {});
  load.stop();
});

t.test('LADDER-16 a loop that works most of its time tells how busy and how late it is', async (t) => {
  const load = new LoopLoad();
  load.start();
  // The monitor counts from its first turn on.
  load.take({});
  await pause(50);
  for (const endMs = performance.now() + 300; performance.now() < endMs; );
  // And sees how late it was at its next.
  await pause(50);
  const told = load.take({ controlP999Ms: 40 });
  t.equal(told.controlP999Ms, 40);
  t.ok((told.loopUtilisation ?? 0) > 0.5, `${told.loopUtilisation}`);
  t.ok((told.loopDelayP99Ms ?? 0) > 20, `${told.loopDelayP99Ms} ms`);
  load.stop();
});
