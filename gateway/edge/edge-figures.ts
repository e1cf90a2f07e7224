/** What an edge adds to its plane's snapshot. */
import type { PlaneSnapshot } from '../telemetry/plane-counters.ts';
import type { Edge } from './edge.ts';

/** Open sockets by kind of principal, what they buffer, and how handshakes and sockets have ended. */
export function edgeFigures<S>(
  edge: Edge<S>,
): Pick<PlaneSnapshot, 'bufferedBytes' | 'sessions' | 'disconnects' | 'handshakes'> {
  let bufferedBytes = 0;
  const sessions = { standard: 0, agent: 0 };
  edge.forEach((socket) => {
    bufferedBytes += socket.bufferedBytes();
    sessions[socket.principal.kind]++;
  });
  return { bufferedBytes, sessions, disconnects: { ...edge.disconnects }, handshakes: { ...edge.handshakes } };
}
