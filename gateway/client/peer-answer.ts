/** Waits for a participant's answer to an offer, which the gateway relays as an event. */
import type { ClientEvents, DescriptionEvent } from './client-types.ts';
import type { Listeners } from './listeners.ts';
import { ClientReason, SluiceError } from './sluice-error.ts';

export interface AwaitedAnswer {
  /** Rejects with `timeout`. Settles never once cancelled. */
  readonly answered: Promise<DescriptionEvent>;
  cancel(): void;
}

/** The answer bearing `offerId`, within `waitMs`. */
export function awaitAnswer(listeners: Listeners<ClientEvents>, offerId: string, waitMs: number): AwaitedAnswer {
  let cancel = () => {};
  const answered = new Promise<DescriptionEvent>((resolve, reject) => {
    const timer = setTimeout(() => {
      cancel();
      reject(new SluiceError(0, ClientReason.timeout, `the peer did not answer within ${waitMs} ms`));
    }, waitMs);
    const off = listeners.on('answer', (answer) => {
      if (answer.offerId !== offerId) return;
      cancel();
      resolve(answer);
    });
    cancel = () => {
      off();
      clearTimeout(timer);
    };
  });
  return { answered, cancel: () => cancel() };
}
