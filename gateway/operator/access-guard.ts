/**
 * Who may use the operator API. Without operator tokens only this machine; with them only who bears one. A web page must
 * not reach it through its visitor's browser either, so the Host and Origin headers are checked always: a rebound name
 * resolves to us, but it stays in the Host header.
 */
import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import { isLoopback } from '../config/demo-config.ts';
import { equalSecrets } from '../edge/equal-secrets.ts';

/** What is looked at of a request. Addresses as the socket has them, `host` with its port. */
export interface Visit {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
}

/** Why a visit is refused. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly detail: string;
}

/** A check of visits against the configuration; null lets them in. */
export function accessGuard(config: Config): (visit: Visit) => Refusal | null {
  const names = new Set(['localhost', '127.0.0.1', '[::1]', hostname().toLowerCase()]);
  const bound = config.listen.operator.host.toLowerCase();
  names.add(bound.includes(':') ? `[${bound}]` : bound);
  const tokens = config.operatorTokens.map(({ token }) => token);

  return ({ remoteAddress, localAddress, host, origin, authorization }) => {
    const local = plainAddress(localAddress);
    const name = hostName(host);
    if (name === null || !(names.has(name) || name === (local.includes(':') ? `[${local}]` : local))) {
      return { status: 403, detail: `the Host header names ${host ?? 'nothing'}, which is not this gateway` };
    }
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
      return { status: 403, detail: `requests from pages of ${origin} are not allowed` };
    }
    if (tokens.length === 0) {
      if (isLoopback(plainAddress(remoteAddress))) return null;
      return { status: 403, detail: 'without operatorTokens, only this machine may connect' };
    }
    const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (bearer === undefined) return { status: 401, detail: 'expected Authorization: Bearer with an operator token' };
    // Every token is compared, so that the time taken says nothing.
    const known = tokens.map((token) => equalSecrets(token, bearer)).includes(true);
    return known ? null : { status: 401, detail: 'the operator token is not known' };
  };
}

/** Lower-case name without the port; null when there is none or it is no host. */
function hostName(host: string | undefined): string | null {
  return /^(\[[0-9a-f:.]+\]|[^:[\]/@]+)(?::\d+)?$/i.exec(host ?? '')?.[1]?.toLowerCase() ?? null;
}

/** IPv4 as such where it comes mapped into IPv6. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
