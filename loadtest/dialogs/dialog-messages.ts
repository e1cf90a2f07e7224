/**
 * The four messages of a dialog as frames that are ready to be written: a client that has to think about them could not
 * offer twice what a gateway serves.
 *
 *     join → joined    offer → answer    mute → ok    leave → ok
 */
import { Kind } from '../../schemas/kinds.ts';
import { CALLER_OFFER } from '../callers/caller.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { encodeSignal } from '../wire/signal-message.ts';

/** In the order they are sent, each when the one before was answered. */
export const DIALOG_MESSAGES = ['join', 'offer', 'mute', 'leave'] as const;

/** The kinds that answer them. */
export const DIALOG_ANSWERS: readonly number[] = [Kind.joined, Kind.answer, Kind.ok, Kind.ok];

const FIELDS = {
  offer: { connection: 'publish', offerId: 'o1', sdp: CALLER_OFFER },
  mute: { track: '0', muted: true },
  leave: {},
};
/** The same on every socket. */
const AFTER_JOIN = (['offer', 'mute', 'leave'] as const).map((kind, index) =>
  clientFrame(encodeSignal(false, kind, { id: index + 2, ...FIELDS[kind] })),
);

/** The frames of dialogs in a room. */
export function dialogFrames(room: string): readonly Buffer[] {
  return [clientFrame(encodeSignal(false, 'join', { id: 1, room, name: 'caller' })), ...AFTER_JOIN];
}
