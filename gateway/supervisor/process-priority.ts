/**
 * The planes' priorities: metadata yields to control, for *all* threads of its process. That is why planes are started
 * through `nice`: setting a running process' priority from Node moves one thread only.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { PlaneName } from './plane-link.ts';

/** What each plane's nice value is raised or lowered by. */
export const NICE_STEPS: Readonly<Record<PlaneName, number>> = { control: -5, metadata: 10 };

/** The nice values of a process' threads. Equal bounds: the value holds for all of them. */
export interface NiceRange {
  readonly least: number;
  readonly most: number;
  readonly threads: number;
}

/** Which steps this system permits: raising priority takes privileges, lowering it takes only the `nice` program. */
export interface PermittedSteps {
  readonly nice: boolean;
  readonly raise: boolean;
}

/** Tries what is permitted. Takes a few ms. */
export function permittedSteps(): PermittedSteps {
  const tried = spawnSync('nice', ['-n', String(NICE_STEPS.control), 'nice'], { encoding: 'utf8' });
  if (tried.error !== undefined) return { nice: false, raise: false };
  const own = getPriority();
  return { nice: true, raise: tried.status === 0 && Number(tried.stdout) === Math.max(-20, own + NICE_STEPS.control) };
}

/** `command` so that it runs at the plane's priority, as far as permitted. */
export function withPriority(
  plane: PlaneName,
  permitted: PermittedSteps,
  command: readonly string[],
): readonly string[] {
  const step = NICE_STEPS[plane];
  if (!permitted.nice || (step < 0 && !permitted.raise)) return command;
  return ['nice', '-n', String(step), ...command];
}

/** The nice values in effect; null when the process is gone. Without /proc, only that of the process is known. */
export function niceOf(pid: number): NiceRange | null {
  try {
    const values = readdirSync(`/proc/${pid}/task`).flatMap((thread) => niceInStat(`/proc/${pid}/task/${thread}/stat`));
    if (values.length > 0) return { least: Math.min(...values), most: Math.max(...values), threads: values.length };
  } catch {
    // No /proc here, or no such process any more: ask the system.
  }
  try {
    const value = getPriority(pid);
    return { least: value, most: value, threads: 1 };
  } catch {
    return null;
  }
}

/** Field 19 of a stat file. The name, field 2, is in brackets and may contain anything: count from behind it. */
function niceInStat(path: string): number[] {
  try {
    const text = readFileSync(path, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const nice = Number(fields[16]);
    return Number.isInteger(nice) ? [nice] : [];
  } catch {
    return []; // The thread ended while we looked.
  }
}
