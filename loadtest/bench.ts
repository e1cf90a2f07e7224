/** `npm run bench [-- name…]`: runs the benchmarks, each beside a ceiling or a peer measured in the same run. */
import { Command } from 'commander';
import { type Bench, type BenchOptions, comparisonLine } from './benches/bench-result.ts';
import { controlLatencyBench } from './benches/control-latency.ts';
import { fanOutBench } from './benches/fan-out.ts';
import { heapBench } from './benches/heap.ts';
import { ingestBench } from './benches/ingest.ts';
import { memoryBench } from './benches/memory.ts';
import { reloadBench } from './benches/reload.ts';
import { startUpBench } from './benches/start-up.ts';
import { busyLine, machineLine } from './report/machine.ts';
import { writeResults } from './report/results-file.ts';

const BENCHES: readonly Bench[] = [
  startUpBench,
  controlLatencyBench,
  ingestBench,
  fanOutBench,
  memoryBench,
  heapBench,
  reloadBench,
];
const names = BENCHES.map(({ name }) => name).join(', ');

/** Figures are information, not a verdict: a missed target is printed, and the exit code stays 0. */
async function runBenches(wanted: readonly string[], options: BenchOptions): Promise<void> {
  const unknown = wanted.find((name) => BENCHES.every((bench) => bench.name !== name));
  if (unknown !== undefined) throw new RangeError(`no benchmark is called ${unknown}; there are ${names}`);
  const machine = machineLine();
  print(machine);
  const busy = busyLine();
  if (busy !== null) print(`! ${busy}`);
  for (const bench of BENCHES) {
    if (wanted.length > 0 ? !wanted.includes(bench.name) : bench.onlyByName) continue;
    print(`\n${bench.name}: ${bench.about}`);
    const comparisons = await bench.run(print, options);
    for (const comparison of comparisons) print(comparisonLine(comparison));
    print(`  written to ${await writeResults(`bench-${bench.name}`, { machine, busy, comparisons })}`);
  }
}

function wholeSeconds(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new RangeError(`--seconds: expected a whole number from 1 to 9999, found ${text}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  await new Command('bench')
    .description('benchmarks, each beside a ceiling or a peer measured in the same run')
    .argument('[names...]', names)
    .option('--seconds <number>', 'how long the load of reload, and of heap, lasts', wholeSeconds)
    .action(runBenches)
    .parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof RangeError ? 2 : 1;
}
