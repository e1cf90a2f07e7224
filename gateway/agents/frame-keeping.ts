/** How a node's frames wait, by what they are: which must not be lost, and which a newer one makes obsolete. */
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';

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
