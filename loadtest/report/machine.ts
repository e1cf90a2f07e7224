/** On what a figure was measured, in one line. */
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** E.g. `2 × Intel(R) Xeon(R) Processor, 23 GB, Linux 6.1, Node 22.23.2`. */
export function machineLine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memoryGb = Math.round(totalmem() / 1024 ** 3);
  return `${availableParallelism()} × ${model}, ${memoryGb} GB, ${type()} ${release()}, Node ${process.versions.node}`;
}

/** A word of caution when the machine has other things to do; null when it has not. */
export function busyLine(): string | null {
  const load = loadavg()[0] ?? 0;
  if (load < 0.5 * availableParallelism()) return null;
  return `this machine is busy (load average ${load.toFixed(1)}): latencies say as much about its other work`;
}
