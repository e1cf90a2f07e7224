/**
 * What the demo page may ask of the gateway: an access token, and a flood of agents. There in demo mode only, which has
 * every listener on loopback; asked by no page but the demo's own, which another port serves.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type FloodWish, readFloodWish } from '../agents/flood-wish.ts';
import type { Config } from '../config/config.ts';
import { isLoopback } from '../config/demo-config.ts';
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

/** The origins of the demo page, by each name this machine has for itself; none outside demo mode. */
export function demoPageOrigins({ demo, listen }: Config): ReadonlySet<string> {
  if (!demo || !isLoopback(listen.signal.host) || !isLoopback(listen.operator.host)) return new Set();
  return new Set(['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}:${listen.signal.port}`));
}

/** Whether the demo page may ask for a path. */
export function isDemoPath(url: string): boolean {
  return /^\/(v1\/live|demo\/(token|flood))(\?|$)/.test(url);
}

/** Lets a page of another origin read the answer to come. */
export function allowPage(reply: FastifyReply, origin: string): void {
  reply.header('access-control-allow-origin', origin).header('vary', 'Origin');
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
  server.options('/demo/flood', (_request, reply) =>
    reply
      .header('access-control-allow-methods', 'GET, POST, DELETE')
      .header('access-control-allow-headers', 'content-type')
      .code(204)
      .send(),
  );
}
