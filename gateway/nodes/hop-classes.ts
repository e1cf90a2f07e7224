/**
 * The classes of frames on their way from one process of the gateway to another, and the version of the policy that gave
 * them. Names travel, since each process numbers classes for itself: each name once per batch, and a number per frame.
 *
 * Invariant: only what came from a process of this gateway is read; a class given by another version of the policy, or one
 * that is not known here, is not taken over, and the receiver classifies anew.
 */
import type { Policy } from '../../classes/policy.ts';
import type { NodeBatch } from '../../schemas/proto.ts';

type HopFields = Pick<NodeBatch, 'policyVersion' | 'classNames' | 'classes'>;

/** What a batch says of its frames' classes, by class index of `policy`. Empty when a frame has none. */
export function hopFields(policy: Pick<Policy, 'version' | 'classes'>, classes: readonly number[]): HopFields {
  const classNames: string[] = [];
  const places: number[] = [];
  for (const classIndex of classes) {
    const name = policy.classes[classIndex]?.name;
    if (name === undefined) return {};
    let place = classNames.indexOf(name);
    if (place < 0) place = classNames.push(name) - 1;
    places.push(place);
  }
  return { policyVersion: policy.version, classNames, classes: places };
}

/** The class index of each of a batch's frames, or null when this process has to classify them itself. */
export function hopClasses(policy: Pick<Policy, 'version' | 'classes'>, batch: NodeBatch): readonly number[] | null {
  const { frames = [], classNames = [], classes = [] } = batch;
  if (batch.policyVersion !== policy.version || (classes?.length ?? 0) !== (frames?.length ?? 0)) return null;
  const known = (classNames ?? []).map((name) =>
    policy.classes.findIndex((each) => each.name === name && each.plane === 'metadata' && !each.retired),
  );
  const found = (classes ?? []).map((place) => known[place] ?? -1);
  return found.includes(-1) ? null : found;
}
