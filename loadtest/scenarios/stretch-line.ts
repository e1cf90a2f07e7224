/** One line of progress about a stretch. */
import { formatSummary } from '../latency-record.ts';
import type { StretchReport } from './e1-stretch.ts';

/** What a machine may stand still without being said to, ms. */
const UNSAID_STALL_MS = 5;

/** The arm's name, its latencies, how long the machine stood still, then `flood`, then what failed and why. */
export function stretchLine(name: string, stretch: StretchReport, flood: string): string {
  const failures = Object.entries(stretch.failures).map(([reason, count]) => `${count} × ${reason}`);
  const failed = stretch.failed === 0 ? '' : `   FAILED ${stretch.failed}: ${failures.join(', ')}`;
  const stallMs = stretch.stalls?.longestMs ?? 0;
  const stood = stallMs > UNSAID_STALL_MS ? `   machine stood still for ${stallMs.toFixed(0)} ms` : '';
  return `  ${name.padEnd(18)} ${formatSummary(stretch.warm)}${stood}${flood}${failed}`;
}
