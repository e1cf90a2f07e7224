/** In which form a subscriber is written to; those who share a form share what is written. */

export interface Form {
  readonly json: boolean;
  /** Whether captions may be differences to the version sent before (capability `captionDelta`). */
  readonly differences: boolean;
  /** The flush up to which it has everything; -1: it has nothing. */
  readonly since: number;
}
