/**
 * The control arm of e1: the same load against the classless gateway. Each round gets a gateway of its own, because
 * one that has been held for seconds would spend the next round with what is left of the last.
 */
import type { FloodReport } from '../agents/flood-report.ts';
import { CLASSLESS_SETTING } from '../baselines/classless-gateway.ts';
import { pause } from '../clock.ts';
import { shortCount } from '../report/table.ts';
import { agentsFor } from './capacity.ts';
import { armsNamed } from './e1-arms.ts';
import { floodedStretch, idleStretch, type StretchPlan, type StretchReport } from './e1-stretch.ts';
import { AGENTS_PER_ROOM, startRig } from './rig.ts';
import { stretchLine } from './stretch-line.ts';

/** What the control arm did. */
export interface ClasslessReports {
  readonly setting: string;
  readonly idle: readonly StretchReport[];
  readonly rude: readonly StretchReport[];
  readonly floods: readonly FloodReport[];
}

const CALLERS = 400;
const SETTLE_MS = 300;

/** Runs `rounds` rounds of idle and rude. `capacity` is that of the gateway with classes. */
export async function runClassless(
  capacity: number,
  rounds: number,
  plan: StretchPlan,
  print: (line: string) => void,
): Promise<ClasslessReports> {
  print(`\ncontrol arm, one setting differs: ${CLASSLESS_SETTING}`);
  const [idle, rude, floods] = [[] as StretchReport[], [] as StretchReport[], [] as FloodReport[]];
  const [arm] = armsNamed(['rude']);
  if (!arm) throw new Error('there is no arm called rude');
  for (let round = 1; round <= rounds; round++) {
    const rig = await startRig('classless', CALLERS);
    try {
      await rig.listeners.call('grow', agentsFor(capacity) / AGENTS_PER_ROOM);
      await pause(SETTLE_MS);
      // As with the other gateway, the first setups of all pay for code that nobody has run before, and do not count.
      await idleStretch(rig, plan, 999);
      const calm = await idleStretch(rig, plan, round);
      const { setups, seen } = await floodedStretch(rig, arm, capacity, plan, round);
      idle.push(calm);
      rude.push(setups);
      floods.push(seen.flood);
      print(stretchLine('classless idle', calm, ''));
      print(stretchLine('classless rude', setups, `   flood/s: written ${shortCount(seen.writtenRate)}`));
    } finally {
      await rig.stop();
    }
  }
  return { setting: CLASSLESS_SETTING, idle, rude, floods };
}
