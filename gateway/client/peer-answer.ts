/** An offer to another participant: its answer comes as an event, because the gateway only relays it. */
import type { ClientEvents, DescriptionEvent } from './client-types.ts';
import type { Listeners } from './listeners.ts';
import { ClientReason, SluiceError } from './sluice-error.ts';

/**
 * Sends an offer and resolves with the answer that bears `offerId`. Rejects with what `send` rejects with, or `timeout`
 * after `waitMs`.
 */
export async function answerAfter(
  listeners: Listeners<ClientEvents>,
  offerId: string,
  waitMs: number,
  send: () => Promise<unknown>,
): Promise<DescriptionEvent> {
  let forget = () => {};
  const answered = new Promise<DescriptionEvent>((resolve, reject) => {
    const late = new SluiceError(0, ClientReason.timeout, `the peer did not answer within ${waitMs} ms`);
    const timer = setTimeout(() => reject(late), waitMs);
    const off = listeners.on('answer', (answer) => {
      if (answer.offerId === offerId) resolve(answer);
    });
    forget = () => {
      off();
      clearTimeout(timer);
    };
  });
  try {
    // Both at once: the answer may come before the gateway's word that it has relayed the offer.
    const [answer] = await Promise.all([answered, send()]);
    return answer;
  } finally {
    forget();
  }
}
