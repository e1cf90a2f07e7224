/** What a publisher is told of its classes when it is greeted, so that it can count its credit. */
import { isMetadata, KIND_NAMES } from '../schemas/kinds.ts';
import type { Policy } from './policy.ts';

/**
 * The name of the class of each metadata kind, by the kind's word. `classOf` is the publisher's own class by kind; where it
 * gives none, because the content of a frame decides, the policy's class of the kind is told.
 */
export function kindClasses(
  policy: Pick<Policy, 'classes' | 'classByKind'>,
  classOf: (kind: number) => number = () => -1,
): Record<string, string> {
  const told: Record<string, string> = {};
  KIND_NAMES.forEach((word, kind) => {
    if (word === undefined || !isMetadata(kind)) return;
    const own = classOf(kind);
    const name = policy.classes[own < 0 ? policy.classByKind[kind]! : own]?.name;
    if (name !== undefined) told[word] = name;
  });
  return told;
}
