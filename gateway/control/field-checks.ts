/**
 * Whether the fields of a well-formed request make sense. The answer to a bad one names the field and says what was
 * expected.
 */
import { isMetadata } from '../../schemas/kinds.ts';
import type { Frame, Subscription } from '../../schemas/proto.ts';
import type { Refusal } from './replies.ts';

const MAX_NAME = 256;
const MAX_LIST = 256;
const PEER = 'peer:';

/** A connection between the client and the SFU or another participant. */
export type Connection =
  | { readonly to: 'node'; readonly name: 'publish' | 'subscribe:*' }
  | { readonly to: 'peer'; readonly identity: string };

/** Reads a connection's name; null when it is none. */
export function connectionOf(name: string): Connection | null {
  if (name === 'publish' || name === 'subscribe:*') return { to: 'node', name };
  if (!name.startsWith(PEER) || name.length === PEER.length || name.length > MAX_NAME) return null;
  return { to: 'peer', identity: name.slice(PEER.length) };
}

/** The name of the connection to a participant. */
export function peerConnection(identity: string): string {
  return PEER + identity;
}

/** What is wrong with a field. */
export function badField(field: string, expected: string): Refusal {
  return { code: 400, reason: 'bad_field', message: `${field}: expected ${expected}` };
}

/** The connection itself is bad. */
export const BAD_CONNECTION: Refusal = badField('connection', '"publish", "subscribe:*" or "peer:<identity>"');

/** What is wrong with a join, or null. */
export function checkJoin(join: NonNullable<Frame['join']>): Refusal | null {
  const { room = '', name = '', capabilities = [], resume } = join;
  if (!isName(room, 1)) return badField('room', `1 to ${MAX_NAME} characters`);
  if (!isName(name, 0)) return badField('name', `at most ${MAX_NAME} characters`);
  if (!isList(capabilities)) return badField('capabilities', `at most ${MAX_LIST} words`);
  if (resume && (!resume.session || !resume.resumeToken)) {
    return badField('resume', 'session and resumeToken, both as `welcome` or `joined` gave them');
  }
  return null;
}

/** What is wrong with a description, or null. */
export function checkDescription(description: NonNullable<Frame['offer']>): Refusal | null {
  if (!description.sdp) return badField('sdp', 'a session description');
  if (!isName(description.offerId ?? '', 0)) return badField('offerId', `at most ${MAX_NAME} characters`);
  return null;
}

/** What is wrong with a subscription, or null. */
export function checkSubscription(subscription: Subscription): Refusal | null {
  const { kinds, speakers, langs, focus } = subscription;
  if (!isList(kinds) || (kinds ?? []).some((kind) => !isMetadata(kind))) {
    return badField('kinds', 'kinds of metadata, such as caption');
  }
  for (const [field, list] of Object.entries({ speakers, langs, focus })) {
    if (!isList(list)) return badField(field, `at most ${MAX_LIST} entries`);
  }
  return null;
}

function isName(text: string | null, least: number): boolean {
  return text !== null && text.length >= least && text.length <= MAX_NAME;
}

function isList(list: readonly unknown[] | null | undefined): boolean {
  return (list?.length ?? 0) <= MAX_LIST;
}
