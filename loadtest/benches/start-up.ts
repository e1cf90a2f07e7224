/**
 * Start-up: from starting the process until both planes and the operator API say that they are well, beside what Node
 * itself takes to start and end, without which no gateway in it can do.
 */
import { execFileSync } from 'node:child_process';
import { startGateway } from '../processes/gateway-process.ts';
import type { Bench } from './bench-result.ts';

const STARTS = 5;

/** The benchmark. */
export const startUpBench: Bench = {
  name: 'start-up',
  about: 'from starting the process until everything listens',
  async run(print) {
    const [ready, node]: [number[], number[]] = [[], []];
    for (let start = 0; start < STARTS; start++) {
      const startedMs = performance.now();
      execFileSync(process.execPath, ['-e', '0']);
      node.push(performance.now() - startedMs);
      const gateway = await startGateway();
      ready.push(gateway.readyMs);
      await gateway.stop();
      print(`  ${gateway.readyMs.toFixed(0)} ms until all listeners answer; bare Node ${node.at(-1)!.toFixed(0)} ms`);
    }
    const [ours, other] = [middle(ready), middle(node)];
    return [
      {
        what: `start until both planes and the operator API answer, median of ${STARTS}`,
        ours,
        other,
        beside: 'bare Node start and exit',
        unit: 'ms',
        ratio: `${(ours / other).toFixed(1)} ×`,
        target: 'none set',
        met: true,
      },
    ];
  },
};

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
