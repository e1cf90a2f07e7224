/** What a metadata worker asks of its edge: the path, the limits of the configuration, and a room for every socket. */
import type { Config } from '../../config/config.ts';
import { clientLimits } from '../../edge/client-limits.ts';
import type { EdgeOptions } from '../../edge/edge.ts';
import { refusal } from '../../edge/refusal.ts';
import type { ActiveLadder } from '../../ladder/active-ladder.ts';
import { roomOf } from './client-sockets.ts';

/** When an agent that was refused under overload may try again. */
const AGENT_RETRY_MS = 2000;

/** The options of the edge that listens on `listener`. */
export function edgeOptions(
  config: Config,
  listener: EdgeOptions['listener'],
  health: EdgeOptions['health'],
  ladder: ActiveLadder,
): EdgeOptions {
  const { limits } = config;
  return {
    listener,
    path: '/v1/metadata',
    ...clientLimits(config),
    maxFrameBytes: limits.metadataFrameBytes,
    runFrames: limits.metadataRunFrames,
    runBytes: limits.metadataRunBytes,
    admit: (principal, query) => {
      if (roomOf(principal, query) === '') {
        return refusal(400, 'no_room', 'the access token names no room: give one as ?room=');
      }
      const refused = principal.kind === 'agent' && ladder.effects.refusesAgentSessions && query.get('resume') !== '1';
      const message = `the gateway is overloaded (level ${ladder.level}) and takes no new sessions of agents`;
      return refused ? refusal(503, 'over_capacity', message, AGENT_RETRY_MS) : null;
    },
    health,
  };
}
