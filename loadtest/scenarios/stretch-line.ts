/** One line of progress about a stretch. */
import { formatSummary } from '../latency-record.ts';
import type { StretchReport } from './e1-stretch.ts';

/** The arm's name, its latencies, then `flood`, then what failed and why. */
export function stretchLine(name: string, stretch: StretchReport, flood: string): string {
  const failures = Object.entries(stretch.failures).map(([reason, count]) => `${count} × ${reason}`);
  const failed = stretch.failed === 0 ? '' : `   FAILED ${stretch.failed}: ${failures.join(', ')}`;
  return `  ${name.padEnd(18)} ${formatSummary(stretch.warm)}${flood}${failed}`;
}
