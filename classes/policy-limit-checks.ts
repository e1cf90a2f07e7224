/** Limits that contradict each other, or that nothing could ever reach. */

import type { ClassPolicy, LevelLimits, PolicyDocument } from './policy-schema.ts';
import type { Fault } from './schema-faults.ts';

type Level = keyof LevelLimits;

/** Every level with those around it: what one session sends, its user, room, tenant and the gateway send too. */
const AROUND: Readonly<Record<Level, readonly Level[]>> = {
  session: ['user', 'room', 'tenant', 'gateway'],
  user: ['tenant', 'gateway'],
  room: ['tenant', 'gateway'],
  tenant: ['gateway'],
  gateway: [],
};

/** What is wrong with the limits of one class. */
export function faultsOfLimits(name: string, each: ClassPolicy, { prices }: PolicyDocument): Fault[] {
  const { limits } = each;
  if (limits === undefined) return [];
  const path = ['classes', name, 'limits'];
  const faults = [
    ...faultsOfLevels(path, limits),
    ...faultsOfLevels([...path, 'modelTokens'], limits.modelTokens ?? {}),
    ...faultsOfLevels([...path, 'spend'], limits.spend ?? {}),
  ];
  if (limits.finals !== undefined && !each.match.includes('caption')) {
    faults.push({
      path: [...path, 'finals'],
      message: 'expected only at the class of captions: nothing else has finals',
    });
  }
  if (each.plane === 'control' && limits.room !== undefined) {
    faults.push({ path: [...path, 'room'], message: 'a control class has none: before the join, no room is known' });
  }
  for (const key of ['modelTokens', 'spend'] as const) {
    if (limits[key] === undefined || each.match.includes('agentTurn')) continue;
    faults.push({
      path: [...path, key],
      message: 'expected only at the class of agentTurn: nothing else costs anything',
    });
  }
  if (limits.finals !== undefined) faults.push(...faultsOfLevels([...path, 'finals'], limits.finals));
  if (limits.spend !== undefined && prices === undefined) {
    faults.push({ path: [...path, 'spend'], message: 'expected prices in this policy, or nothing costs anything' });
  }
  return faults;
}

function faultsOfLevels(path: readonly PropertyKey[], levels: LevelLimits): Fault[] {
  const faults: Fault[] = [];
  for (const level of Object.keys(AROUND) as Level[]) {
    const inner = levels[level];
    if (inner === undefined) continue;
    if (inner.ceil !== undefined && inner.ceil < inner.rate) {
      const message = `expected at least the rate (${inner.rate}), found ${inner.ceil}`;
      faults.push({ path: [...path, level, 'ceil'], message });
    }
    const most = (outer: Level) => levels[outer]?.ceil ?? levels[outer]?.rate ?? Number.POSITIVE_INFINITY;
    const { ceil } = inner;
    const narrower = ceil === undefined ? undefined : AROUND[level].find((outer) => most(outer) < ceil);
    if (narrower !== undefined) {
      const message = `can never be reached: expected at most what ${narrower} may have (${most(narrower)}), found ${ceil}`;
      faults.push({ path: [...path, level, 'ceil'], message });
    }
    for (const key of ['rate', 'burst'] as const) {
      const tighter = AROUND[level].find((outer) => (levels[outer]?.[key] ?? Number.POSITIVE_INFINITY) < inner[key]);
      if (tighter === undefined) continue;
      const message = `can never be reached: expected at most the ${key} of ${tighter} (${levels[tighter]![key]}), found ${inner[key]}`;
      faults.push({ path: [...path, level, key], message });
    }
  }
  return faults;
}
