/** What both planes ask of their edges alike: whose access tokens count, and what one client may cost before it is known. */
import type { Config } from '../config/config.ts';
import type { EdgeOptions } from './edge.ts';

/** The options that the configuration gives every listener for clients. */
export function clientLimits(
  config: Config,
): Pick<
  EdgeOptions,
  | 'keys'
  | 'origins'
  | 'trustedProxies'
  | 'proxyProtocol'
  | 'maxSockets'
  | 'heartbeatMs'
  | 'penaltyMs'
  | 'handshakesPerSecondPerAddress'
  | 'handshakesPerSecondPerTenant'
> {
  const { keys, origins, trustedProxies, proxyProtocol, heartbeatMs } = config;
  const { maxSockets, penaltyMs, handshakesPerSecondPerAddress, handshakesPerSecondPerTenant } = config.limits;
  const handshakes = { handshakesPerSecondPerAddress, handshakesPerSecondPerTenant };
  return { keys, origins, trustedProxies, proxyProtocol, heartbeatMs, maxSockets, penaltyMs, ...handshakes };
}
