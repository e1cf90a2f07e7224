/**
 * What is given up at each level of overload, from what policy says level by level.
 *
 *   effects(n) = effects(n − 1), with what level n names replaced; advice adds up, each action once
 *
 * Invariant: effects are computed when a policy is adopted, and frozen: asking for them costs nothing.
 */
import type { AdviceAction } from '../schemas/advice-actions.ts';
import type { KindName } from '../schemas/kinds.ts';

/** One level as a policy says it; what it leaves out is as at the level before. */
export interface LadderLevel {
  readonly interimTickMs?: number | undefined;
  readonly interims?: 'all' | 'focused' | 'none' | undefined;
  readonly kindsOff?: readonly KindName[] | undefined;
  readonly agentTurns?: 'open' | 'capped' | undefined;
  readonly newAgentSessions?: 'accept' | 'refuse' | undefined;
  readonly newCalls?: 'accept' | 'refuse' | undefined;
  readonly advice?: readonly AdviceAction[] | undefined;
}

/** What holds at a level. */
export interface LadderEffects {
  readonly level: number;
  /** How often interims are written, ms; null: as at level 0, the class's own tick. */
  readonly interimTickMs: number | null;
  /** Whose interims are delivered: everybody's, those of speakers in focus, nobody's. */
  readonly interims: 'all' | 'focused' | 'none';
  /** Kinds refused meanwhile. Classes are refused from their own `shedAtLevel` on. */
  readonly kindsOff: readonly KindName[];
  readonly agentTurnsCapped: boolean;
  readonly refusesAgentSessions: boolean;
  /** Joins only: what was begun is never shed. */
  readonly refusesCalls: boolean;
  readonly advice: readonly AdviceAction[];
}

const LEVEL_0: LadderEffects = Object.freeze({
  level: 0,
  interimTickMs: null,
  interims: 'all',
  kindsOff: Object.freeze([]),
  agentTurnsCapped: false,
  refusesAgentSessions: false,
  refusesCalls: false,
  advice: Object.freeze([]),
});

/** The effects of level 0, at which nothing is given up, and of every level of a policy after it. */
export function effectsByLevel(levels: readonly LadderLevel[]): readonly LadderEffects[] {
  const effects = [LEVEL_0];
  for (const level of levels) effects.push(stricter(effects.at(-1)!, level));
  return effects;
}

function stricter(before: LadderEffects, level: LadderLevel): LadderEffects {
  return Object.freeze({
    level: before.level + 1,
    interimTickMs: level.interimTickMs ?? before.interimTickMs,
    interims: level.interims ?? before.interims,
    kindsOff: Object.freeze([...(level.kindsOff ?? before.kindsOff)]),
    agentTurnsCapped: level.agentTurns === undefined ? before.agentTurnsCapped : level.agentTurns === 'capped',
    refusesAgentSessions:
      level.newAgentSessions === undefined ? before.refusesAgentSessions : level.newAgentSessions === 'refuse',
    refusesCalls: level.newCalls === undefined ? before.refusesCalls : level.newCalls === 'refuse',
    advice: Object.freeze([...new Set([...before.advice, ...(level.advice ?? [])])]),
  });
}
