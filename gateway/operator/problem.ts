/** Errors of the operator API as problem details (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Answers with a problem; `detail` says what was wrong with this very request. */
export function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  const problem = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail };
  return reply.code(status).type('application/problem+json').send(JSON.stringify(problem));
}
