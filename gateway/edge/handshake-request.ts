/** What a handshake or probe asks for, copied out of the request, which is gone after the first await. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { countedAddress, type TrustedProxies } from './client-address.ts';

/** The two subprotocols; the one a client offers first is taken. */
export const SUBPROTOCOLS = { protobuf: 'sluice.v1.protobuf', json: 'sluice.v1.json' } as const;
const BEARER_PROTOCOL = 'bearer.';

export interface HandshakeRequest {
  readonly address: string;
  readonly origin: string;
  readonly host: string;
  /** Without any access token. */
  readonly query: URLSearchParams;
  /** Empty: none was sent. */
  readonly accessToken: string;
  /** Of those offered, the one taken; empty: neither was offered. */
  readonly subprotocol: string;
  /** A hint only, unverified: it decides nothing but which share of an allowance is used. */
  readonly resume: boolean;
  readonly webSocketKey: string;
  readonly extensions: string;
}

/** How the address of a request is found. */
export interface AddressRules {
  readonly proxies: TrustedProxies;
  readonly proxyProtocol: boolean;
}

/** The address a request is counted under. Valid only inside the request's callback. */
export function requestAddress(rules: AddressRules, res: HttpResponse, req: HttpRequest): string {
  const peer = new Uint8Array(res.getRemoteAddress());
  const { proxies } = rules;
  if (!proxies.any || !proxies.has(peer)) return countedAddress(peer);
  let client = peer;
  if (rules.proxyProtocol) {
    const proxied = new Uint8Array(res.getProxiedRemoteAddress());
    if (proxied.length > 0) client = proxied;
  }
  // Proxies may append a line of their own, and getHeader sees only the first, which the client may have written.
  let forwarded = '';
  req.forEach((name, value) => {
    if (name === 'x-forwarded-for') forwarded = forwarded === '' ? value : `${forwarded},${value}`;
  });
  return countedAddress(proxies.clientBehind(client, forwarded));
}

/** Copies what is needed later. Valid only inside the request's callback. */
export function readHandshake(address: string, req: HttpRequest): HandshakeRequest {
  const query = new URLSearchParams(req.getQuery());
  const queryToken = query.get('access_token') ?? '';
  query.delete('access_token');
  let subprotocol = '';
  let protocolToken = '';
  for (const part of req.getHeader('sec-websocket-protocol').split(',')) {
    const offered = part.trim();
    if (offered.startsWith(BEARER_PROTOCOL)) protocolToken ||= offered.slice(BEARER_PROTOCOL.length);
    else if (subprotocol === '' && (offered === SUBPROTOCOLS.protobuf || offered === SUBPROTOCOLS.json)) {
      subprotocol = offered;
    }
  }
  const authorization = /^bearer +(\S+) *$/i.exec(req.getHeader('authorization'));
  return {
    address,
    origin: req.getHeader('origin'),
    host: req.getHeader('host'),
    query,
    accessToken: authorization?.[1] ?? (queryToken || protocolToken),
    subprotocol,
    resume: query.get('resume') === '1',
    webSocketKey: req.getHeader('sec-websocket-key'),
    extensions: req.getHeader('sec-websocket-extensions'),
  };
}
