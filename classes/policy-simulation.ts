/**
 * What a policy would admit of traffic that somebody imagines: the classes and buckets of the path of a frame, run over
 * frames at their times, without a gateway and in no time.
 *
 * Frames of all sessions come evenly spaced, each session's shifted against the others' so that they do not come in
 * step; credit is granted whenever it is low, as to publishers that are told of it. Nothing else is simulated: no queue, no overload.
 */
import { Kind } from '../schemas/kinds.ts';
import { AdmissionHierarchy, Decision } from './admission-hierarchy.ts';
import { LEVELS, type LevelName } from './class-limits.ts';
import { ClassTables } from './frame-classifier.ts';
import { type Policy, UNCLASSIFIED } from './policy.ts';
import type { DescribedFrame } from './policy-kinds.ts';
import { Principal } from './rule-table.ts';

/** Sessions that all do the same. */
export interface ImaginedTraffic extends DescribedFrame {
  /** How many sessions; `users` of them are of different users, and they are spread over `rooms`. */
  readonly sessions: number;
  readonly users: number;
  readonly rooms: number;
  /** Of one session. */
  readonly framesPerSecond: number;
}

/** What became of it. */
export interface SimulatedTraffic {
  readonly class: string;
  readonly offered: number;
  readonly admitted: number;
  /** By who refused: a level, or credit. */
  readonly rejected: Readonly<Partial<Record<LevelName | 'credit', number>>>;
}

/** Frames of everything together that are simulated at most. */
export const MOST_SIMULATED_FRAMES = 500_000;

interface Session {
  readonly flow: number;
  readonly traffic: number;
  readonly classIndex: number;
  readonly final: boolean;
  readonly periodMs: number;
  nextMs: number;
}

/** Runs `traffic` for `seconds` against full buckets; one result for each, in order. */
export function simulatePolicy(
  policy: Policy,
  traffic: readonly ImaginedTraffic[],
  seconds: number,
): SimulatedTraffic[] {
  const admission = new AdmissionHierarchy(policy);
  const tables = new ClassTables(policy);
  const sessions: Session[] = [];
  const counts = traffic.map(() => ({ offered: 0, decisions: new Float64Array(LEVELS.length + 2) }));
  const classes = traffic.map((each, index) => {
    const classIndex = classOf(tables, each);
    const periodMs = 1000 / each.framesPerSecond;
    for (let number = 0; number < each.sessions; number++) {
      const owner = {
        tenant: each.tenant,
        identity: `${index}.${number % each.users}`,
        room: `${index}.${number % each.rooms}`,
      };
      const nextMs = (periodMs * number) / each.sessions;
      sessions.push({ flow: admission.open(owner), traffic: index, classIndex, final: each.final, periodMs, nextMs });
    }
    return classIndex;
  });
  const endMs = seconds * 1000;
  for (let nowMs = 0; nowMs < endMs; nowMs++) {
    const untilMs = Math.min(nowMs + 1, endMs);
    for (const session of sessions) {
      for (; session.nextMs < untilMs; session.nextMs += session.periodMs) {
        const { flow, classIndex, final } = session;
        const count = counts[session.traffic]!;
        count.offered++;
        if (classIndex < 0) continue;
        count.decisions[admission.admit(flow, classIndex, final, session.nextMs)]! += 1;
        const row = admission.sessionOf(flow);
        if (admission.credits.isLow(row, classIndex)) admission.credits.grant(row, classIndex, 1);
      }
    }
  }
  return counts.map(({ offered, decisions }, index) => {
    const named = LEVELS.map((level, at) => [level, decisions[at + 1]!] as const);
    const rejected = [...named, ['credit', decisions[Decision.noCredit]!] as const].filter(([, count]) => count > 0);
    return {
      class: policy.classes[classes[index]!]?.name ?? UNCLASSIFIED,
      offered,
      admitted: decisions[Decision.admitted]!,
      rejected: Object.fromEntries(rejected),
    };
  });
}

function classOf(tables: ClassTables, { kind, principal, tenant, type, label }: ImaginedTraffic): number {
  return tables.sender(Principal[principal], tenant).classOfWords(Kind[kind], type, label);
}
