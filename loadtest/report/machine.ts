/** On what a figure was measured, in one line. */
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** E.g. `2 × Intel(R) Xeon(R) Processor, 23 GB, Linux 6.1, Node 22.23.2`. */
export function machineLine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memoryGb = Math.round(totalmem() / 1024 ** 3);
  return `${availableParallelism()} × ${model}, ${memoryGb} GB, ${type()} ${release()}, Node ${process.versions.node}`;
}
