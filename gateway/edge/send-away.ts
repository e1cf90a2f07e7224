/** How a plane that drains lets its clients go. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloseCode } from '../../schemas/close-codes.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { Edge } from './edge.ts';
import type { EdgeSocket } from './edge-socket.ts';

/** How often it is looked whether all have gone. */
const LOOK_MS = 50;
/** The least time left between the last who is to go and the end, ms. */
const TAIL_MS = 200;

/**
 * Refuses newcomers and tells everybody to go within `drainMs`, each at a moment of its own, so that they do not all come
 * back at once. Resolves when all have gone, or that time is over; who is still there then is disconnected.
 */
export async function sendAway<State>(
  edge: Edge<State>,
  drainMs: number,
  tell: (socket: EdgeSocket<State>, goaway: Frame) => void,
): Promise<void> {
  edge.refuse('draining');
  const leaving: EdgeSocket<State>[] = [];
  edge.forEach((socket) => void leaving.push(socket));
  const spreadMs = Math.max(0, drainMs - TAIL_MS);
  for (const socket of leaving) {
    const reconnectAfterMs = Math.floor(Math.random() * spreadMs);
    tell(socket, { kind: Kind.goaway, goaway: { reconnectAfterMs, reason: 'draining' } });
  }
  const endMs = performance.now() + drainMs;
  while (edge.sockets > 0 && performance.now() < endMs) await sleep(LOOK_MS);
  for (const socket of leaving) socket.disconnect(CloseCode.draining);
}
