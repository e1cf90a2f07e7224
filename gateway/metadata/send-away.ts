/** How a worker that drains lets its clients go. */
import { CloseCode } from '../../schemas/close-codes.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { Edge } from '../edge/edge.ts';
import type { MetadataSession } from './metadata-session.ts';

/**
 * Refuses newcomers and sends everybody away over `drainMs`, each at a moment of its own, so that they do not all come back
 * at once; resolves when that time is over, or nobody was there.
 */
export async function sendAway(edge: Edge<MetadataSession | null>, drainMs: number): Promise<void> {
  edge.refuse('draining');
  edge.forEach((socket) => {
    const reconnectAfterMs = Math.floor(Math.random() * drainMs);
    const goaway = { reason: 'draining', reconnectAfterMs };
    socket.state?.outlet.tell({ kind: Kind.goaway, goaway });
  });
  if (edge.sockets > 0) await new Promise((resolve) => setTimeout(resolve, drainMs));
  edge.forEach((socket) => {
    socket.disconnect(CloseCode.draining);
  });
}
