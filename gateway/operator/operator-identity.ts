/** Which operator asks: by the token they bear, or, where there are no operator tokens, whoever is on this machine. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Config } from '../config/config.ts';

/** Who asks, and whether they may change things. */
export interface Operator {
  readonly who: string;
  readonly role: 'viewer' | 'editor';
}

/** Tells who bears an `Authorization` header that the access guard has let in. */
export function operatorsOf({ operatorTokens }: Config): (authorization: string | undefined) => Operator {
  const known = operatorTokens.map(({ token, role, name }) => {
    const digest = digestOf(token);
    return { digest, operator: { role, who: name || `${role} ${digest.toString('hex').slice(0, 6)}` } };
  });
  return (authorization) => {
    if (known.length === 0) return { who: 'this machine', role: 'editor' };
    const given = digestOf(/^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '');
    const found = known.filter(({ digest }) => timingSafeEqual(digest, given));
    return found[0]?.operator ?? { who: 'nobody', role: 'viewer' };
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
