/**
 * The priorities of the load's own processes. They stand for other machines; on this one they must neither wait for each
 * other (callers and stub SFU) nor take the time of what is measured (flooders).
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * `first`: before every ordinary process, and before the gateway's control plane: a machine of its own would not wait for
 * a CPU. `gateway`: that of the control plane. `ordinary`: like any process. `last`: between an ordinary process and the
 * metadata plane, which it keeps busy.
 */
export type LoadPriority = 'first' | 'gateway' | 'ordinary' | 'last';

const FIRST = ['chrt', '--rr', '2'];
/** As `sluice serve` starts its control plane where it may. */
const GATEWAY = ['chrt', '--rr', '1'];
const GATEWAY_RAISED = ['nice', '-n', '-5'];
const RAISED = ['nice', '-n', '-10'];
const LAST = ['nice', '-n', '5'];

let permitted: boolean | null = null;

/** What starts a command at the priority, as far as this machine permits. */
export function priorityCommand(priority: LoadPriority): readonly string[] {
  if (priority === 'ordinary') return [];
  if (priority === 'last') return LAST;
  permitted ??= realTimePermitted();
  if (priority === 'gateway') return permitted ? GATEWAY : GATEWAY_RAISED;
  return permitted ? FIRST : RAISED;
}

function realTimePermitted(): boolean {
  const [program = '', ...rest] = FIRST;
  return availableParallelism() > 1 && spawnSync(program, [...rest, 'true']).status === 0;
}
