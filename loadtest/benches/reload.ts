/**
 * Reloads under load: two policies of two hundred rules take turns, put over HTTP as fast as the gateway accepts them, while
 * publishers offer every sort of frame. What must be 0 stands beside the same check by one of the policies alone, which
 * must find faults.
 */
import { type ReloadReport, reloadFaults, reloadUnderLoad } from '../reload/reload-run.ts';
import { shortCount } from '../report/table.ts';
import type { Bench, Comparison } from './bench-result.ts';

/** A little above the target, which is what must have been taken. */
const FRAMES_PER_SECOND = 105_000;
const TARGET_FRAMES = 100_000;
const TARGET_RELOADS = 5;
const SECONDS = 20;

/** The benchmark. */
export const reloadBench: Bench = {
  name: 'reload',
  about: 'policies swapped over HTTP under load: frames lost or misclassified',
  async run(print, { seconds = SECONDS }) {
    const report = await reloadUnderLoad({ framesPerSecond: FRAMES_PER_SECOND, durationMs: seconds * 1000 });
    const { framesPerSecond, reloadsPerSecond, written, accepted, withheld, seen } = report;
    print(`  ${shortCount(framesPerSecond)} frames/s for ${seconds} s, ${withheld} more withheld; ${accepted} reloads`);
    print(`  outcomes: ${countsLine(report.outcomes)}`);
    print(`  ${seen} frames seen by subscribers: ${countsLine(report.seenByClass)}`);
    const faults = reloadFaults(report);
    if (framesPerSecond < TARGET_FRAMES) faults.push(`${written} frames written, below ${TARGET_FRAMES} a second`);
    if (reloadsPerSecond < TARGET_RELOADS) faults.push(`${accepted} reloads, below ${TARGET_RELOADS} a second`);
    for (const fault of faults) print(`  ! ${fault}`);
    print(`  ${faults.length === 0 ? 'PASS' : 'FALLS SHORT'}`);
    return comparisons(report);
  },
};

function countsLine(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function comparisons(report: ReloadReport): Comparison[] {
  const { framesPerSecond, reloadsPerSecond, lost, written, misclassified, misclassifiedByOne } = report;
  const { outOfBounds, outOfBoundsByOne } = report;
  const control = { beside: 'by one policy alone (must be above 0)', unit: 'frames', target: '0' };
  return [
    {
      what: 'reloads while frames were offered',
      ours: reloadsPerSecond,
      other: framesPerSecond,
      beside: 'frames beside them',
      unit: '/s',
      ratio: `${shortCount(framesPerSecond / reloadsPerSecond)} frames per reload`,
      target: `≥ ${TARGET_RELOADS}/s at ≥ ${shortCount(TARGET_FRAMES)} frames/s`,
      met: reloadsPerSecond >= TARGET_RELOADS && framesPerSecond >= TARGET_FRAMES,
    },
    {
      what: 'frames lost',
      ours: lost,
      other: written,
      beside: 'of those written',
      unit: 'frames',
      ratio: `residual ${report.residual}`,
      target: '0',
      met: lost === 0 && report.residual === 0,
    },
    {
      ...control,
      what: 'frames misclassified',
      ours: misclassified,
      other: misclassifiedByOne,
      ratio: `${report.seen} frames seen`,
      met: misclassified === 0 && misclassifiedByOne > 0,
    },
    {
      ...control,
      what: 'frames charged to a class beyond what both policies explain',
      ours: outOfBounds,
      other: outOfBoundsByOne,
      ratio: `${written} frames offered`,
      met: outOfBounds === 0 && outOfBoundsByOne > 0,
    },
  ];
}
