/**
 * Who may use the demo's controls: its access tokens, its flood, its figures. On loopback the demo's own page, told by the
 * names this machine has for itself, so that no other page reaches them through its visitor's browser; for the network,
 * who knows the secret in the page's address, which no browser sends by itself.
 */
import type { Config } from '../config/config.ts';
import { isLoopback } from '../config/demo-config.ts';
import { equalSecrets } from '../edge/equal-secrets.ts';
import { type Refusal, refusal } from '../edge/refusal.ts';
import type { Relay, RelayVisit } from '../edge/relay.ts';

const NO_SECRET = 'open the address that the gateway printed: what follows its # lets you in';

/** What of the operators' listener the demo page gets on its own port. */
export function demoRelay(config: Config): Relay {
  const relay = { routes: ['/demo/*', '/v1/live'], target: config.listen.operator, admit: demoAccess(config) };
  const [bearer] = config.operatorTokens;
  return bearer === undefined ? relay : { ...relay, authorization: `Bearer ${bearer.token}` };
}

/** Whether a visit may use the controls; null: it may. */
export function demoAccess({ pageSecret }: Pick<Config, 'pageSecret'>): (visit: RelayVisit) => Refusal | null {
  if (pageSecret === '') return fromThisMachine;
  return ({ authorization }) => {
    const given = /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
    return equalSecrets(pageSecret, given) ? null : refusal(401, 'unauthorised', NO_SECRET);
  };
}

/** A name that was made to lead here is still in the Host header, and a page of another origin in Origin. */
function fromThisMachine({ host, origin }: RelayVisit): Refusal | null {
  const [, name = ''] = /^(\[[0-9a-f:]+\]|[^:]+)(?::\d+)?$/i.exec(host) ?? [];
  if (!isLoopback(name.toLowerCase()))
    return refusal(403, 'forbidden', `the Host header names ${host || 'nothing'}, which is not this machine`);
  if (origin === '' || origin === `http://${host}` || origin === `https://${host}`) return null;
  return refusal(403, 'forbidden', `requests from pages of ${origin} are not allowed`);
}
