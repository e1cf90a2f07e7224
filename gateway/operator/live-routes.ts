/** `GET /v1/live`: the gateway's seconds as server-sent events. A reader that does not keep up is let go. */
import type { FastifyInstance } from 'fastify';
import type { LiveFeed } from './live-feed.ts';
import { sendProblem } from './problem.ts';

const MOST_READERS = 64;
const MOST_BUFFERED_BYTES = 262_144;

/** Adds the route. The server's end is every reader's. */
export function addLiveRoute(server: FastifyInstance, feed: LiveFeed): void {
  server.get('/v1/live', { exposeHeadRoute: false }, (_request, reply) => {
    if (feed.listeners >= MOST_READERS) return sendProblem(reply, 503, `${MOST_READERS} readers are there already`);
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const forget = feed.listen((second) => {
      if (raw.writableLength > MOST_BUFFERED_BYTES) raw.destroy();
      else raw.write(`data: ${JSON.stringify(second)}\n\n`);
    });
    raw.once('close', forget);
    return reply;
  });
  server.addHook('preClose', async () => feed.close());
}
