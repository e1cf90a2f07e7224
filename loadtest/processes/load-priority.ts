/**
 * The priorities of the load's own processes. They stand for other machines; on this one they must neither wait for each
 * other (callers and stub SFU) nor take the time of what is measured (flooders).
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * `watch`: before everybody. `first`: before every ordinary process, and before the gateway's control plane: a machine of its own would not wait for
 * a CPU. `gateway`: that of the control plane. `ordinary`: like any process. `last`: between an ordinary process and the
 * metadata plane, which it keeps busy. `metadata`: that of the metadata plane, for what is compared with it. `behind`: after
 * that, for who is written to and must not take the CPU from who writes.
 */
export type LoadPriority = 'watch' | 'first' | 'gateway' | 'ordinary' | 'last' | 'metadata' | 'behind';

const WATCH = ['chrt', '--reset-on-fork', '--rr', '3'];
const FIRST = ['chrt', '--reset-on-fork', '--rr', '2'];
/** As `sluice serve` starts its control plane where it may. */
const GATEWAY = ['chrt', '--reset-on-fork', '--rr', '1'];
const GATEWAY_RAISED = ['nice', '-n', '-5'];
const RAISED = ['nice', '-n', '-10'];
/** Those at or below ordinary processes, which all may have. */
const LOWERED: { readonly [priority in LoadPriority]?: readonly string[] } = {
  ordinary: [],
  last: ['nice', '-n', '5'],
  metadata: ['nice', '-n', '10'],
  behind: ['nice', '-n', '19'],
};

let permitted: boolean | null = null;

/** What starts a command at the priority, as far as this machine permits. */
export function priorityCommand(priority: LoadPriority): readonly string[] {
  const lowered = LOWERED[priority];
  if (lowered !== undefined) return lowered;
  const permitted = realTimeIsPermitted();
  if (priority === 'gateway') return permitted ? GATEWAY : GATEWAY_RAISED;
  if (!permitted) return RAISED;
  return priority === 'watch' ? WATCH : FIRST;
}

/** Flags of Node for a process of that priority: who goes before ordinary threads must not wait for some of its own. */
export function nodeFlags(priority: LoadPriority): readonly string[] {
  return priority in LOWERED ? [] : ['--single-threaded-gc'];
}

/** Whether processes may go before all ordinary ones here. */
export function realTimeIsPermitted(): boolean {
  const [program = '', ...rest] = FIRST;
  permitted ??= availableParallelism() > 1 && spawnSync(program, [...rest, 'true']).status === 0;
  return permitted;
}
