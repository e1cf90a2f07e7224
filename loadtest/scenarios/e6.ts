/**
 * Experiment e6: captions. Recorded meetings in many rooms of four speakers, with repetitions, reordering, slow readers and
 * connections that break, against Sluice and then against a gateway that forwards every fragment as it comes.
 */
import { CLASSLESS_SETTING } from '../baselines/classless-gateway.ts';
import { GATEWAY_DIFFERENCES } from '../processes/gateway-process.ts';
import { busyLine, machineLine } from '../report/machine.ts';
import { writeResults } from '../report/results-file.ts';
import { formatTable, shortCount } from '../report/table.ts';
import { percent } from './e1-verdict.ts';
import { type CaptionArm, type CaptionPlan, captionArm } from './e6-arm.ts';
import { type E6Verdict, judgeE6 } from './e6-verdict.ts';
import { type RigKind, startRig } from './rig.ts';

export interface E6Options {
  readonly short: boolean;
  readonly rooms: number;
  readonly seconds: number;
}

/** Small, so that a slow reader meets its window within seconds of caption traffic. */
const UNACKED_BYTES = 8192;

/** Runs e6, printing as it goes; resolves to whether it passed. */
export async function runE6(options: E6Options, print: (line: string) => void): Promise<boolean> {
  const plan = { rooms: options.rooms, durationMs: options.seconds * 1000 };
  const machine = machineLine();
  print(`e6  captions: ${plan.rooms} rooms × 4 speakers, ${options.seconds} s of recorded meetings   ${machine}`);
  const busy = busyLine();
  if (busy !== null) print(`    ! ${busy}`);
  print(
    `    gateway as delivered, but ${GATEWAY_DIFFERENCES}, and ${UNACKED_BYTES} unacknowledged bytes per subscriber`,
  );
  const { arm, residual } = await runArm('sluice', plan);
  print(progressLine('sluice', arm));
  print(`\ncontrol arm: ${CLASSLESS_SETTING}; every fragment is forwarded as it comes`);
  const { arm: control } = await runArm('classless', plan);
  print(progressLine('classless', control));
  const verdict = judgeE6(arm, control, residual, { latencies: !options.short });
  print(`\n${e6Table(arm, control, verdict)}\n`);
  print(`written to ${await writeResults('e6', { machine, busy, options, arm, control, residual, verdict })}`);
  const { shortfalls } = verdict;
  print(shortfalls.length === 0 ? 'PASS' : `FALLS SHORT: ${shortfalls.join('; ')}`);
  return shortfalls.length === 0;
}

async function runArm(kind: RigKind, plan: CaptionPlan): Promise<{ arm: CaptionArm; residual: number }> {
  const rig = await startRig(kind, 1, { limits: { unackedBytes: UNACKED_BYTES } });
  try {
    const arm = await captionArm(rig.target, plan);
    return { arm, residual: (await rig.figures())?.residual ?? Number.NaN };
  } finally {
    await rig.stop();
  }
}

function progressLine(name: string, arm: CaptionArm): string {
  const { published, segments, subscribers, resumes, staleness, sendLatenessP99Ms } = arm;
  const said = `${shortCount(published)} fragments of ${shortCount(segments)} segments to ${subscribers} subscribers`;
  const when = `staleness p95 ${staleness.p95.toFixed(0)} ms, load late p99 ${sendLatenessP99Ms.toFixed(0)} ms`;
  return `  ${name.padEnd(10)} ${said}, ${resumes} resumes; ${when}`;
}

function e6Table(arm: CaptionArm, control: CaptionArm, verdict: E6Verdict): string {
  const row = (what: string, of: (one: CaptionArm) => string, bound: string) => [what, of(arm), of(control), bound];
  const sums = (of: (tally: CaptionArm['tallies']['quick']) => number) => (one: CaptionArm) =>
    shortCount(Object.values(one.tallies).reduce((total, tally) => total + of(tally), 0));
  const ms = (value: number) => value.toFixed(0);
  const factor = (offered: number, sent: number) => `${(offered / Math.max(1, sent)).toFixed(2)} ×`;
  return formatTable(
    ['captions', 'sluice', 'classless', 'must be'],
    [
      row(
        'finals delivered',
        sums(({ finals }) => finals),
        '',
      ),
      row(
        'finals missing',
        sums(({ missing }) => missing),
        '0',
      ),
      row(
        'finals repeated',
        sums(({ repeated }) => repeated),
        '0',
      ),
      row(
        'finals out of order',
        sums(({ outOfOrder }) => outOfOrder),
        '0',
      ),
      row('rooms with several orders', (one) => String(one.orders), '0'),
      row('jumps in batch numbers', (one) => String(one.numberJumps), '0'),
      row(
        'interims older than what was there',
        sums(({ backwards }) => backwards),
        '0',
      ),
      row(
        'interims above 1 + ⌈open / tick⌉',
        sums(({ tooMany }) => tooMany),
        '0',
      ),
      row('interim staleness p50, ms', (one) => ms(one.staleness.p50), ''),
      row('interim staleness p95, ms', (one) => ms(one.staleness.p95), '≤ 300'),
      row('finals late p99, ms', (one) => ms(one.finalLateness.p99), ''),
      row('fragments per frame sent', (one) => factor(one.offered.frames, one.sent.frames), ''),
      row('fragments per write', (one) => factor(one.offered.writes, one.sent.writes), ''),
      row('  the oracle: per frame', (one) => factor(one.offered.frames, one.oracle.frames), ''),
      row('  the oracle: per write', (one) => factor(one.offered.writes, one.oracle.writes), ''),
      [
        'frames saved, of the oracle’s',
        percent(verdict.ofOracle.frames),
        percent(verdict.controlOfOracle.frames),
        '≥ 95 %',
      ],
      [
        'writes saved, of the oracle’s',
        percent(verdict.ofOracle.writes),
        percent(verdict.controlOfOracle.writes),
        '≥ 95 %',
      ],
    ],
  );
}
