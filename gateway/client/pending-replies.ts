/**
 * Requests that wait for their reply, by id: the promise half of the signalling conversation.
 *
 * Invariants: every request is settled exactly once: by a reply, an `error` frame with its id, its deadline, or the loss
 * of the socket. Ids are uint32, never 0, and not reused while pending.
 */
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { ClientReason, SluiceError } from './sluice-error.ts';

interface PendingReply {
  readonly kind: number;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: SluiceError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class PendingReplies {
  readonly #byId = new Map<number, PendingReply>();
  #lastId = 0;

  /** A fresh id. */
  nextId(): number {
    do this.#lastId = this.#lastId >= 0xffff_ffff ? 1 : this.#lastId + 1;
    while (this.#byId.has(this.#lastId));
    return this.#lastId;
  }

  /** The reply of `kind` to the request `id`. Rejects with a `SluiceError` on error, deadline or loss. */
  wait(id: number, kind: Kind, what: string, timeoutMs: number): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#byId.delete(id);
        reject(new SluiceError(0, ClientReason.timeout, `no reply to ${what} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#byId.set(id, { kind, resolve, reject, timer });
    });
  }

  /** Settles the request that `frame` answers. False when it answers none. */
  settle(id: number, frame: Frame): boolean {
    const pending = this.#byId.get(id);
    if (pending === undefined) return false;
    const isError = frame.kind === Kind.error;
    if (!isError && frame.kind !== pending.kind) return false;
    this.#byId.delete(id);
    clearTimeout(pending.timer);
    if (isError) pending.reject(errorOf(frame));
    else pending.resolve(frame);
    return true;
  }

  /** Rejects all that are pending. */
  abandon(error: SluiceError): void {
    for (const pending of this.#byId.values()) {
      clearTimeout(pending.timer);
      pending.reject(error);
    }
    this.#byId.clear();
  }
}

/** An `error` frame as an error. */
export function errorOf(frame: Frame): SluiceError {
  const error = frame.error;
  const reason = error?.reason || 'error';
  return new SluiceError(error?.code ?? 0, reason, error?.message || reason, error?.retryAfterMs ?? undefined);
}
