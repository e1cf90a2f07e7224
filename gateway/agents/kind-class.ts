/**
 * Which class a kind of frame is charged to, as far as a node can know: credits come by class, and it is the gateway's
 * policy that assigns them. This is the assignment of the default policy; a node of a gateway with another one is told
 * by its operator.
 */
import { Kind, type KindName } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';

const CLASSES: Readonly<Record<string, readonly KindName[]>> = {
  premium: ['agentTurn', 'toolCall', 'moderation', 'feedback', 'request', 'cancel', 'interrupt'],
  captions: ['caption', 'snapshotWanted'],
  standard: ['presence', 'gauge', 'retrieval', 'custom'],
  deferred: ['summary', 'embedding', 'modelState'],
};

/** Class by kind number. */
export type ClassByKind = ReadonlyMap<number, string>;

/** Class by kind under the default policy, with `overrides` on top. */
export function classByKind(overrides: Partial<Record<KindName, string>> = {}): ClassByKind {
  const byKind = new Map<number, string>();
  for (const [className, kinds] of Object.entries(CLASSES)) {
    for (const name of kinds) byKind.set(Kind[name], className);
  }
  for (const [name, className] of Object.entries(overrides)) byKind.set(Kind[name as KindName], className);
  return byKind;
}

/** Kinds delivered at least once: kept until the gateway has accepted them. */
const RELIABLE: ReadonlySet<number> = new Set<number>([Kind.moderation, Kind.toolCall, Kind.feedback]);
const MODE_REPLACE = 0;

/** Whether a frame must not be lost. */
export function isReliable(frame: Frame): boolean {
  return frame.final === true || RELIABLE.has(frame.kind ?? Kind.none);
}

/** What a newer frame of the same key makes obsolete; null where every frame counts. */
export function conflationKey(frame: Frame): string | null {
  const { caption } = frame;
  if (caption) {
    if ((caption.mode ?? MODE_REPLACE) !== MODE_REPLACE) return null;
    return [frame.tenant, frame.room, frame.from, frame.kind, caption.stream, caption.segment].join('\0');
  }
  const keyed = frame.presence ?? frame.gauge;
  return keyed ? [frame.tenant, frame.room, frame.from, frame.kind, keyed.key].join('\0') : null;
}
