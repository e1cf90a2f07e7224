import t from 'tap';
import type { CaptionTally } from '../captions/caption-book.ts';
import type { CaptionArm } from './e6-arm.ts';
import { judgeE6 } from './e6-verdict.ts';

const latency = { count: 1, p50: 50, p90: 90, p95: 95, p99: 99, p999: 99, max: 99 };
const tally: CaptionTally = {
  frames: 1800,
  writes: 900,
  finals: 30,
  missing: 0,
  repeated: 0,
  outOfOrder: 0,
  wrongText: 0,
  backwards: 0,
  tooMany: 0,
};
const good: CaptionArm = {
  published: 1000,
  segments: 10,
  tallies: { quick: tally, slow: { ...tally, frames: 500 }, breaking: tally },
  subscribers: 50,
  resumes: 4,
  numberJumps: 0,
  lost: 0,
  orders: 0,
  offered: { frames: 1000, writes: 1000 },
  sent: { frames: 600, writes: 300 },
  oracle: { frames: 590, writes: 290 },
  staleness: latency,
  finalLateness: latency,
  sendLatenessP99Ms: 1,
};
const poor: CaptionArm = {
  ...good,
  tallies: { ...good.tallies, quick: { ...tally, repeated: 3 } },
  sent: { frames: 1000, writes: 1000 },
};
const shortfalls = (arm: CaptionArm, control = poor, residual = 0, latencies = true) =>
  judgeE6(arm, control, residual, { latencies }).shortfalls;

t.test('LOAD-17 e6 passes only with every final once, nothing lost, and a control arm that fails', (t) => {
  t.strictSame(shortfalls(good), []);
  for (const fault of ['missing', 'repeated', 'outOfOrder', 'wrongText', 'backwards', 'tooMany'] as const) {
    for (const temper of ['quick', 'slow', 'breaking'] as const) {
      const tallies = { ...good.tallies, [temper]: { ...good.tallies[temper], [fault]: 1 } };
      t.equal(shortfalls({ ...good, tallies }).length, 1, `${fault} at ${temper} subscribers`);
    }
  }
  for (const count of ['numberJumps', 'lost', 'orders'] as const)
    t.equal(shortfalls({ ...good, [count]: 1 }).length, 1);
  t.match(shortfalls({ ...good, resumes: 0 })[0], /resumed/);
  t.match(shortfalls({ ...good, tallies: { ...good.tallies, slow: tally } })[0], /not slow/);
  t.match(shortfalls(good, poor, 2)[0], /not accounted for/);
  t.match(shortfalls(good, poor, Number.NaN)[0], /not accounted for/);
  t.equal(shortfalls(good, good).length, 2, 'a control arm that does as well proves nothing');
  t.end();
});

t.test('LOAD-17 e6 compares what was saved with what the oracle saves, and staleness where it is asserted', (t) => {
  const { ofOracle } = judgeE6(good, poor, 0, { latencies: true });
  t.ok(Math.abs(ofOracle.frames - 400 / 410) < 1e-9 && Math.abs(ofOracle.writes - 700 / 710) < 1e-9);
  t.match(shortfalls({ ...good, sent: { frames: 611, writes: 300 } })[0], /frames saved/);
  t.match(shortfalls({ ...good, sent: { frames: 600, writes: 326 } })[0], /writes saved/);
  const late = { ...good, staleness: { ...latency, p95: 301 } };
  t.match(shortfalls(late)[0], /staleness/);
  t.strictSame(shortfalls(late, poor, 0, false), []);
  t.end();
});
