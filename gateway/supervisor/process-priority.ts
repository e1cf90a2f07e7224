/**
 * The planes' priorities: control goes before everything else, metadata yields. Planes are started through `chrt` and
 * `nice`, so that a nice value holds for *all* threads of a process: setting that of a running one moves one thread only.
 *
 * Where the system permits it, the event loop of the control plane is in the real-time class (round robin, its lowest
 * priority). Among ordinary processes a nice value decides who gets how much, not who goes first: the one that runs may
 * finish a slice of milliseconds however nice it is. The threads that compile and collect garbage for it stay ordinary: in
 * that class each would keep a CPU until it is done, and all of them together every CPU from the event loop. Linux leaves
 * ordinary processes a twentieth of the time whatever a real-time one does.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, getPriority } from 'node:os';
import type { PlaneName } from './plane-link.ts';

/** What each plane's nice value is raised or lowered by; for control, where it cannot be in the real-time class. */
export const NICE_STEPS: Readonly<Record<PlaneName, number>> = { control: -5, metadata: 10 };

/** The thread that runs it, and none that it starts. */
const REAL_TIME = ['chrt', '--reset-on-fork', '--rr', '1'] as const;
/** Places of policy and nice value in /proc/pid/stat, counted from the state, which follows the name. */
const NICE_FIELD = 16;
const POLICY_FIELD = 38;
const ROUND_ROBIN = 2;

/** The priorities of a process' threads. Equal bounds: the nice value holds for all of them. */
export interface ThreadPriorities {
  readonly least: number;
  readonly most: number;
  readonly threads: number;
  /** Threads in the real-time class, for which nice values mean nothing. */
  readonly realTime: number;
}

/** Which steps this system permits: raising priority takes privileges, lowering it takes only the `nice` program. */
export interface PermittedSteps {
  readonly nice: boolean;
  readonly raise: boolean;
  readonly realTime: boolean;
}

/** What an operator wants for the control plane, as far as it is permitted. */
export type ControlPriority = 'real-time' | 'raised' | 'ordinary';

/** Tries what is permitted, and leaves out what is not wanted. Takes a few ms. */
export function permittedSteps(wanted: ControlPriority = 'real-time'): PermittedSteps {
  const tried = spawnSync('nice', ['-n', String(NICE_STEPS.control), 'nice'], { encoding: 'utf8' });
  if (tried.error !== undefined) return { nice: false, raise: false, realTime: false };
  const own = getPriority();
  const raisable = tried.status === 0 && Number(tried.stdout) === Math.max(-20, own + NICE_STEPS.control);
  return {
    nice: true,
    raise: wanted !== 'ordinary' && raisable,
    // On a single CPU it would keep everybody else waiting, not only the metadata plane.
    realTime: wanted === 'real-time' && availableParallelism() > 1 && realTimePermitted(),
  };
}

function realTimePermitted(): boolean {
  const [program, ...rest] = REAL_TIME;
  return spawnSync(program, [...rest, 'true']).status === 0;
}

/** `command` so that it runs at the plane's priority, as far as permitted. */
export function withPriority(
  plane: PlaneName,
  permitted: PermittedSteps,
  command: readonly string[],
): readonly string[] {
  if (plane === 'control' && permitted.realTime) return [...REAL_TIME, ...command];
  const step = NICE_STEPS[plane];
  if (!permitted.nice || (step < 0 && !permitted.raise)) return command;
  return ['nice', '-n', String(step), ...command];
}

/** The priorities in effect; null when the process is gone. Without /proc, only the process' nice value is known. */
export function prioritiesOf(pid: number): ThreadPriorities | null {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      priorityIn(`/proc/${pid}/task/${thread}/stat`),
    );
    if (threads.length > 0) {
      const values = threads.map(({ nice }) => nice);
      const realTime = threads.filter((thread) => thread.realTime).length;
      return { least: Math.min(...values), most: Math.max(...values), threads: threads.length, realTime };
    }
  } catch {
    // No /proc here, or no such process any more: ask the system.
  }
  try {
    const value = getPriority(pid);
    return { least: value, most: value, threads: 1, realTime: 0 };
  } catch {
    return null;
  }
}

/** A thread that ended meanwhile has no priority. */
function priorityIn(path: string): { readonly nice: number; readonly realTime: boolean }[] {
  try {
    const stat = readFileSync(path, 'utf8');
    // The name, in brackets, may hold spaces and brackets: fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const nice = Number(fields[NICE_FIELD]);
    const policy = Number(fields[POLICY_FIELD]);
    return Number.isInteger(nice) ? [{ nice, realTime: policy > 0 && policy <= ROUND_ROBIN }] : [];
  } catch {
    return [];
  }
}
