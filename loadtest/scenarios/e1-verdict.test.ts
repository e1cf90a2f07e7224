import t from 'tap';
import { median } from '../report/median.ts';
import { type ArmRounds, judge, type Stretch } from './e1-verdict.ts';

const stretch = (p99: number, p999: number, failed = 0, setups = 4000): Stretch => ({ setups, failed, p99, p999 });
const rounds = (make: (round: number) => Stretch) => [0, 1, 2, 3, 4].map(make);
const arm = (name: string, side: 'metadata' | 'signal', p99: number, p999: number): ArmRounds => ({
  name,
  side,
  idle: rounds(() => stretch(2, 4)),
  flooded: rounds(() => stretch(p99, p999)),
});
const classless = { rude: rounds(() => stretch(0, 0, 4000)) };
const full = { latencies: true, leastSetups: 30_000 };

t.test('LOAD-8 e1 passes when every bound holds', async (t) => {
  const arms = [arm('rude', 'metadata', 3.5, 9), arm('pings', 'signal', 6, 500)];
  t.strictSame(judge(arms, classless, 0, full).shortfalls, []);
});

t.test('LOAD-8 each bound that is missed is named with its figure', async (t) => {
  const found = (shortfalls: readonly string[], pattern: RegExp) =>
    t.ok(shortfalls.length === 1 && pattern.test(shortfalls[0]!), `${shortfalls.join('; ')} matches ${pattern}`);
  found(judge([arm('rude', 'metadata', 3.6, 9)], classless, 0, full).shortfalls, /rude p99 3\.60 ms > 3\.50 ms/);
  found(judge([arm('rude', 'metadata', 3.5, 9.2)], classless, 0, full).shortfalls, /p99\.9 9\.20 ms > 9\.00/);
  found(judge([arm('pings', 'signal', 6.1, 9)], classless, 0, full).shortfalls, /pings p99 6\.10 ms > 6\.00/);
  found(judge([arm('rude', 'metadata', 2, 4)], classless, 7, full).shortfalls, /7 frames are not accounted for/);
  found(judge([arm('rude', 'metadata', 2, 4)], null, 0, full).shortfalls, /control arm was not run/);
  const spared = { rude: [stretch(0, 0, 2000)] };
  found(judge([arm('rude', 'metadata', 2, 4)], spared, 0, full).shortfalls, /failed 50\.0 % only/);
  found(judge([arm('rude', 'metadata', 2, 4)], classless, 0, { ...full, leastSetups: 40_001 }).shortfalls, /fewer/);
});

t.test('LOAD-8 failures count over all arms, idle stretches too', async (t) => {
  const one = { ...arm('rude', 'metadata', 2, 4), idle: rounds((round) => stretch(2, 4, round === 0 ? 3 : 0)) };
  t.strictSame(judge([one], classless, 0, full).shortfalls, []);
  const two = { ...one, flooded: rounds((round) => stretch(2, 4, round === 0 ? 1 : 0)) };
  t.match(judge([two], classless, 0, full).shortfalls, [/4 of 40000 setups failed \(rude 1 of 20000\)/]);
});

t.test('LOAD-8 one bad round of five does not decide, three do', async (t) => {
  const spoilt = (bad: number): ArmRounds => ({
    ...arm('rude', 'metadata', 2, 4),
    flooded: rounds((round) => (round < bad ? stretch(50, 90) : stretch(2, 4))),
  });
  t.strictSame(judge([spoilt(2)], classless, 0, full).shortfalls, []);
  t.equal(judge([spoilt(3)], classless, 0, full).shortfalls.length, 2);
});

t.test('LOAD-8 the short form asserts counts and the control arm, not latencies', async (t) => {
  const short = { latencies: false, leastSetups: 0 };
  t.strictSame(judge([arm('rude', 'metadata', 300, 900)], classless, 0, short).shortfalls, []);
  t.equal(judge([arm('rude', 'metadata', 300, 900)], { rude: [stretch(0, 0)] }, 0, short).shortfalls.length, 1);
});

t.test('LOAD-8 medians are of the middle', async (t) => {
  t.equal(median([]), 0);
  t.equal(median([3, 1, 2]), 2);
  t.equal(median([4, 1, 2, 3]), 2.5);
});
