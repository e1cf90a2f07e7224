/**
 * What the demo page may ask of the gateway: an access token, and a flood of agents. There in demo mode only, when this
 * listener is on loopback; the page asks for them on its own port, which hands them on (`control/demo-access.ts`).
 */
import type { FastifyInstance } from 'fastify';
import { type FloodWish, readFloodWish } from '../agents/flood-wish.ts';
import { sendProblem } from './problem.ts';

const NAME = /^[\w.-]{1,64}$/;

/** What demo mode offers its page. */
export interface DemoControls {
  accessToken(identity: string, room: string): Promise<string>;
  readonly flood: {
    status(): object;
    start(wish: FloodWish): object;
    stop(): object;
  };
}

/** Adds the demo's routes. */
export function addDemoRoutes(server: FastifyInstance, { accessToken, flood }: DemoControls): void {
  server.get<{ Querystring: Record<string, string> }>('/demo/token', async (request, reply) => {
    const { identity = '', room = '' } = request.query;
    for (const [name, value] of Object.entries({ identity, room })) {
      if (!NAME.test(value)) {
        return sendProblem(reply, 400, `${name}: expected 1 to 64 letters, digits, dots, dashes or underscores`);
      }
    }
    return reply.header('cache-control', 'no-store').send({ accessToken: await accessToken(identity, room) });
  });
  server.get('/demo/flood', (_request, reply) => reply.header('cache-control', 'no-store').send(flood.status()));
  server.post('/demo/flood', (request, reply) => {
    const wish = readFloodWish(request.body);
    return typeof wish === 'string' ? sendProblem(reply, 400, wish) : reply.send(flood.start(wish));
  });
  server.delete('/demo/flood', (_request, reply) => reply.send(flood.stop()));
}
