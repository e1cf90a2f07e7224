import t from 'tap';
import { StallCount, StallWatch } from './stall-watch.ts';

t.test('LOAD-31 a watch that looks in time saw no stall; one that does not says by how much', (t) => {
  const count = new StallCount(2, 100);
  for (const nowMs of [102, 104.5, 106.5]) count.look(nowMs);
  t.strictSame(count.take(), { longestMs: 0.5, sumMs: 0 }, 'less than the grain of a timer is not added up');
  for (const nowMs of [148.5, 150.5, 160.5]) count.look(nowMs);
  t.strictSame(count.take(), { longestMs: 40, sumMs: 48 });
  t.strictSame(count.take(), { longestMs: 0, sumMs: 0 }, 'each is told once');
  t.end();
});

t.test('LOAD-31 where processes may go before all others, every CPU is watched', async (t) => {
  const watch = StallWatch.start();
  if (watch === null) return t.pass('nothing may go first here, and then nothing is claimed');
  t.teardown(() => watch.stop());
  const { longestMs, sumMs } = await watch.take();
  t.ok(longestMs >= 0 && sumMs >= 0);
});
