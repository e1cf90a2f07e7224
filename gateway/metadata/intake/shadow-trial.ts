/**
 * The policy on trial in this worker, if there is one: finds what it needs to know of a client's frame and lets it judge.
 * Frames of nodes are not judged. Nothing is done while there is none.
 */
import { classOfFrame } from '../../../classes/class-of-frame.ts';
import { BY_TEXT } from '../../../classes/frame-classifier.ts';
import { type Policy, UNCLASSIFIED } from '../../../classes/policy.ts';
import { type ShadowCounts, ShadowPolicy } from '../../../classes/shadow-policy.ts';
import { FrameWalk, WalkResult } from '../../../schemas/frame-walk.ts';
import { type PolicySource, policyHash, policyOf } from '../../config/policy-source.ts';
import type { MetadataSession } from '../sessions/metadata-session.ts';

const SWEEP_MS = 1000;

export class ShadowTrial {
  readonly #active: Policy;
  readonly #walk = new FrameWalk();
  #shadow: ShadowPolicy | null = null;
  #hash = '';
  #sweptMs = 0;

  /** `active`: the policy in force. */
  constructor(active: Policy) {
    this.#active = active;
  }

  /** Whether there is one. */
  get on(): boolean {
    return this.#shadow !== null;
  }

  /**
   * Begins a trial, in place of the one that runs, unless that is of the same policy; null ends it. Throws `ConfigError`
   * when the policy is not valid.
   */
  take(source: PolicySource | null): void {
    const hash = source === null ? '' : policyHash(source.text);
    if (hash === this.#hash) return;
    this.#shadow = source === null ? null : new ShadowPolicy(policyOf(source));
    this.#hash = hash;
  }

  /** Counts a client's frame in `bytes`, of which the policy in force has decided. */
  judge(
    session: MetadataSession,
    kind: number,
    activeIndex: number,
    bytes: Buffer,
    start: number,
    end: number,
    final: boolean,
    admitted: boolean,
    nowMs: number,
  ): void {
    const shadow = this.#shadow;
    if (shadow === null) return;
    if (nowMs - this.#sweptMs > SWEEP_MS) {
      this.#sweptMs = nowMs;
      shadow.keep((key) => !(key as MetadataSession).closed, nowMs);
    }
    const sender = shadow.sender(session, () => ownerOf(session));
    let classIndex = sender.classifier.classOf(kind);
    if (classIndex === BY_TEXT) {
      const walk = this.#walk;
      const sound = walk.frame(bytes, start, end) === WalkResult.ok && walk.payload(bytes) === WalkResult.ok;
      classIndex = sound ? classOfFrame(sender.classifier, walk, bytes) : shadow.policy.classByKind[kind]!;
    }
    const activeClass = this.#active.classes[activeIndex]?.name ?? UNCLASSIFIED;
    shadow.judge(sender, classIndex, activeClass, final, admitted, nowMs);
  }

  /** What has been counted since the trial began; absent where there is none. */
  report(): { readonly hash: string; readonly counts: ShadowCounts } | undefined {
    return this.#shadow === null ? undefined : { hash: this.#hash, counts: this.#shadow.counts() };
  }
}

function ownerOf({ identity, room, publisher: { classifier } }: MetadataSession) {
  const { principal, tenant, bound } = classifier;
  return { principal, tenant, identity, room: room.name, bound };
}
