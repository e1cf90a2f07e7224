/**
 * A policy on trial: what it would decide is counted beside what the policy in force decides, frame by frame, with buckets
 * of its own. It decides about nothing.
 *
 *     frame ─► policy in force ─► admitted or refused
 *         └──► shadow: class, buckets ─► counted
 *
 * Invariants: every frame that is judged is counted once in `pairs` and once in `verdicts`; a sender's buckets last as
 * long as `keep` says that he is there. Credit is granted whenever it is low: publishers know of the policy in force only.
 */
import { AdmissionHierarchy, Decision } from './admission-hierarchy.ts';
import { LEVELS } from './class-limits.ts';
import { ClassTables, type FrameClassifier } from './frame-classifier.ts';
import { type Policy, UNCLASSIFIED } from './policy.ts';
import type { Principal } from './rule-table.ts';

/** Whose frames are judged. */
export interface ShadowOwner {
  readonly principal: Principal;
  readonly tenant: string;
  readonly identity: string;
  readonly room: string;
  readonly bound: readonly string[] | null;
}

/** What has been counted so far. */
export interface ShadowCounts {
  /** Frames by the class in force and the class of the shadow. */
  readonly classes: readonly { readonly from: string; readonly to: string; readonly frames: number }[];
  readonly bothAdmit: number;
  readonly onlyActiveAdmits: number;
  readonly onlyShadowAdmits: number;
  readonly neitherAdmits: number;
  /** Frames the shadow would have refused, by level. */
  readonly rejected: Readonly<Record<string, number>>;
}

/** One sender, as the shadow sees him. */
export interface ShadowSender {
  readonly classifier: FrameClassifier;
  readonly flow: number;
}

export class ShadowPolicy {
  readonly policy: Policy;
  readonly #tables: ClassTables;
  readonly #admission: AdmissionHierarchy;
  readonly #senders = new Map<object, ShadowSender>();
  readonly #pairs = new Map<string, number>();
  /** By 2 · (the policy in force refuses) + (the shadow refuses). */
  readonly #verdicts = new Float64Array(4);
  readonly #rejected = new Float64Array(LEVELS.length + 2);

  constructor(policy: Policy) {
    this.policy = policy;
    this.#tables = new ClassTables(policy);
    this.#admission = new AdmissionHierarchy(policy);
  }

  /** The sender known by `key`; `owner` is called when he is new. */
  sender(key: object, owner: () => ShadowOwner): ShadowSender {
    const known = this.#senders.get(key);
    if (known !== undefined) return known;
    const { principal, tenant, identity, room, bound } = owner();
    const classifier = this.#tables.sender(principal, tenant, bound);
    const sender = { classifier, flow: this.#admission.open({ tenant, identity, room }) };
    this.#senders.set(key, sender);
    return sender;
  }

  /** Counts a frame: `shadowClass` is an index of the shadow, `activeClass` the name of the class in force. */
  judge(
    { classifier, flow }: ShadowSender,
    shadowClass: number,
    activeClass: string,
    final: boolean,
    admitted: boolean,
    nowMs: number,
  ): void {
    const to = this.policy.classes[shadowClass]?.name ?? UNCLASSIFIED;
    const pair = `${activeClass}\n${to}`;
    this.#pairs.set(pair, (this.#pairs.get(pair) ?? 0) + 1);
    const barred = shadowClass < 0 || classifier.bars(shadowClass);
    const decision = barred ? Decision.session : this.#admission.admit(flow, shadowClass, final, nowMs);
    this.#verdicts[(admitted ? 0 : 2) + (decision === Decision.admitted ? 0 : 1)]! += 1;
    if (decision !== Decision.admitted) this.#rejected[decision]! += 1;
    if (barred) return;
    const row = this.#admission.sessionOf(flow);
    if (this.#admission.credits.isLow(row, shadowClass)) this.#admission.credits.grant(row, shadowClass, 1);
  }

  /** Lets go of senders who are not there any more. Call it about once a second. */
  keep(isThere: (key: object) => boolean, nowMs: number): void {
    for (const [key, { flow }] of this.#senders) {
      if (isThere(key)) continue;
      this.#admission.close(flow, nowMs);
      this.#senders.delete(key);
    }
    this.#admission.sweep(nowMs);
  }

  /** What has been counted since the beginning. */
  counts(): ShadowCounts {
    const [bothAdmit = 0, onlyActiveAdmits = 0, onlyShadowAdmits = 0, neitherAdmits = 0] = this.#verdicts;
    const classes = [...this.#pairs].map(([pair, frames]) => {
      const [from = '', to = ''] = pair.split('\n');
      return { from, to, frames };
    });
    const rejected = LEVELS.flatMap((level, index) =>
      this.#rejected[index + 1]! > 0 ? [[level, this.#rejected[index + 1]!] as const] : [],
    );
    return {
      classes,
      bothAdmit,
      onlyActiveAdmits,
      onlyShadowAdmits,
      neitherAdmits,
      rejected: Object.fromEntries(rejected),
    };
  }
}

/** The sum of what several processes have counted. */
export function addShadowCounts(a: ShadowCounts, b: ShadowCounts): ShadowCounts {
  const frames = new Map(a.classes.map((each) => [`${each.from}\n${each.to}`, each]));
  for (const each of b.classes) {
    const key = `${each.from}\n${each.to}`;
    frames.set(key, { ...each, frames: each.frames + (frames.get(key)?.frames ?? 0) });
  }
  const rejected: Record<string, number> = { ...a.rejected };
  for (const [level, count] of Object.entries(b.rejected)) rejected[level] = (rejected[level] ?? 0) + count;
  return {
    classes: [...frames.values()],
    bothAdmit: a.bothAdmit + b.bothAdmit,
    onlyActiveAdmits: a.onlyActiveAdmits + b.onlyActiveAdmits,
    onlyShadowAdmits: a.onlyShadowAdmits + b.onlyShadowAdmits,
    neitherAdmits: a.neitherAdmits + b.neitherAdmits,
    rejected,
  };
}
