/** What a metadata worker asks of its edge: the path, the limits of the configuration, and a room for every socket. */
import type { Config } from '../config/config.ts';
import type { EdgeOptions } from '../edge/edge.ts';
import { roomOf } from './client-sockets.ts';

/** The options of the edge that listens on `listener`. */
export function edgeOptions(
  config: Config,
  listener: EdgeOptions['listener'],
  health: EdgeOptions['health'],
): EdgeOptions {
  const { limits } = config;
  return {
    listener,
    path: '/v1/metadata',
    keys: config.keys,
    origins: config.origins,
    trustedProxies: config.trustedProxies,
    proxyProtocol: config.proxyProtocol,
    maxFrameBytes: limits.metadataFrameBytes,
    runFrames: limits.metadataRunFrames,
    runBytes: limits.metadataRunBytes,
    maxSockets: limits.maxSockets,
    heartbeatMs: config.heartbeatMs,
    penaltyMs: limits.penaltyMs,
    handshakesPerSecondPerAddress: limits.handshakesPerSecondPerAddress,
    handshakesPerSecondPerTenant: limits.handshakesPerSecondPerTenant,
    admit: (principal, query) =>
      roomOf(principal, query) === ''
        ? { status: 400, reason: 'no_room', message: 'the access token names no room: give one as ?room=' }
        : null,
    health,
  };
}
