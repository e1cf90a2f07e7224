/**
 * Which of two versions of a caption segment stands, in replace mode.
 *
 * A segment's value is (epoch, final, revision, text); the greater one in lexicographic order wins, so merging is
 * idempotent, commutative and associative: order and repetition do not matter. A final freezes its epoch: nothing of
 * that epoch, a second final included, replaces it. A correction is a higher epoch.
 */

/** The part of a segment's value that decides, but for the text. */
export interface CaptionVersion {
  readonly epoch: number;
  readonly final: boolean;
  readonly revision: number;
}

/**
 * Positive when (epoch, final, revision) replaces `current`, negative when it does not, 0 when only the text can
 * tell: then the version whose bytes are greater stands, whichever total order of bytes the caller uses.
 */
export function captionOrder(epoch: number, final: boolean, revision: number, current: CaptionVersion): number {
  if (epoch !== current.epoch) return epoch - current.epoch;
  if (current.final) return -1;
  if (final) return 1;
  return revision - current.revision;
}
