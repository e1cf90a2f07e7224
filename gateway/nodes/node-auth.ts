/** Whether a node may attach: by bearer token, or, where no tokens are configured, by coming from this machine. */
import { equalSecrets } from '../edge/equal-secrets.ts';

const LOOPBACK = /^(?:127\.|\[::1\]|::1|\[::ffff:127\.|::ffff:127\.|unix:)/;

/**
 * Why a node is refused, as a sentence for its operator, or null when it may attach. `authorization` is the metadata
 * of that name, `peer` what grpc-js calls the other end (`address:port`).
 */
export function nodeRefusal(authorization: string | undefined, peer: string, tokens: readonly string[]): string | null {
  if (tokens.length === 0) {
    return LOOPBACK.test(peer) ? null : `no node tokens are configured, so only nodes on this machine may attach`;
  }
  if (authorization === undefined) return 'expected the metadata "authorization: Bearer <node token>"';
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer === undefined) return 'expected "authorization" to be "Bearer <node token>"';
  return bearerMatches(bearer, tokens) ? null : 'the node token is not one of those configured';
}

/** Whether the bearer token is one of `tokens`, in a time that does not depend on which or how much of it is right. */
export function bearerMatches(bearer: string, tokens: readonly string[]): boolean {
  return tokens.map((token) => equalSecrets(token, bearer)).includes(true);
}
