/** The ladder of overload over HTTP: where it stands, and holding it at a level. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Config } from '../config/config.ts';
import type { LadderStatus } from '../ladder/gateway-ladder.ts';
import type { AuditLog } from './audit-log.ts';
import type { GatewayView } from './gateway-view.ts';
import { operatorsOf } from './operator-identity.ts';
import { sendProblem } from './problem.ts';

const EXPECTED = 'expected {"pin": <level>}, or {"pin": null} to let the load decide';

/** What the routes work on. */
export interface LadderRouteParts {
  readonly config: Config;
  readonly view: Pick<GatewayView, 'ladder' | 'pinLadder'>;
  /** Where a pin is written down; absent: nowhere. */
  readonly audit: AuditLog | undefined;
}

/** Adds `GET` and `PUT /v1/ladder`. */
export function addLadderRoutes(server: FastifyInstance, { config, view, audit }: LadderRouteParts): void {
  const operatorOf = operatorsOf(config);
  server.get('/v1/ladder', (_request, reply) => reply.header('cache-control', 'no-store').send(view.ladder()));
  server.put('/v1/ladder', (request, reply): FastifyReply => {
    const { who, role } = operatorOf(request.headers.authorization);
    if (role !== 'editor') return sendProblem(reply, 403, 'expected the token of an editor: a viewer may only look');
    const pin = pinOf(request.body);
    if (typeof pin === 'string') return sendProblem(reply, 400, pin);
    const before = view.ladder();
    const fault = pinned(view, pin);
    audit?.write({
      at: new Date().toISOString(),
      who,
      from: request.socket.remoteAddress ?? '',
      what: 'ladder',
      outcome: fault === null ? 'done' : 'refused',
      details: fault === null ? [`${wordOf(before)} → ${wordOf(view.ladder())}`] : [fault],
    });
    return fault === null ? reply.send(view.ladder()) : sendProblem(reply, 400, fault);
  });
}

/** Pins or unpins; null, or why it could not be. */
function pinned(view: LadderRouteParts['view'], pin: number | null): string | null {
  try {
    view.pinLadder(pin);
    return null;
  } catch (error) {
    if (error instanceof RangeError) return `pin: ${error.message}`;
    throw error;
  }
}

function wordOf({ level, pinned: isPinned }: LadderStatus): string {
  return `level ${level}, ${isPinned ? 'pinned' : 'by load'}`;
}

/** The level to hold, null for none, or what is wrong with the body. */
function pinOf(body: unknown): number | null | string {
  if (typeof body !== 'object' || body === null) return EXPECTED;
  const { pin, ...more } = body as { pin?: unknown };
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) return `${unknown}: there is no such member; ${EXPECTED}`;
  return pin === null || typeof pin === 'number' ? pin : `pin: ${EXPECTED}`;
}
