/**
 * The operators' HTTP server without its routes: how long a request may take to arrive, and what is answered where no
 * route answers. Whatever goes wrong is told as problem details, down to what is no HTTP at all.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { problemText, sendProblem } from './problem.ts';

/** How long a whole request, head and body, may take to arrive: the largest policy in that time is 400 KB/s. */
const REQUEST_MS = 10_000;

interface Fault {
  readonly code?: string;
  readonly statusCode?: number;
  readonly message: string;
}

/** A server that listens nowhere yet. `requestMs` is how long a request may take to arrive. */
export function operatorServer(requestMs = REQUEST_MS): FastifyInstance {
  const server = fastify({
    logger: false,
    forceCloseConnections: true,
    exposeHeadRoutes: true,
    requestTimeout: requestMs,
    // Node looks for requests that are late at this interval.
    http: { headersTimeout: requestMs, connectionsCheckingInterval: Math.ceil(requestMs / 5) },
    clientErrorHandler: answerNoRequest,
    frameworkErrors: (error, request, reply) => {
      sendProblem(reply, error.statusCode ?? 400, detailOf(error, request));
    },
  });
  server.setNotFoundHandler((request, reply) =>
    sendProblem(reply, 404, `there is no ${request.method} ${request.url}`),
  );
  server.setErrorHandler((error: Fault, request, reply): FastifyReply => {
    const status = error.statusCode ?? 500;
    return sendProblem(reply, status, status < 500 ? detailOf(error, request) : 'this is a fault of the gateway');
  });
  return server;
}

/** The framework's faults in our words: what was expected. */
function detailOf({ code, message }: Fault, { headers, routeOptions, url }: FastifyRequest): string {
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return `expected content-type application/json, found ${headers['content-type'] ?? 'none'}`;
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return 'the body is not valid JSON';
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return 'expected a body of JSON, found none';
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return `expected a body of at most ${routeOptions.bodyLimit} bytes`;
    case 'FST_ERR_BAD_URL':
      return `${url} is no valid path`;
    default:
      return message;
  }
}

/** Answers what is no request, or is not there in time, on the bare socket, and ends it. */
function answerNoRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, detail] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? [408, 'the request did not arrive in time']
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? [431, 'the header is too large']
        : [400, 'this is no HTTP request'];
  const body = problemText(status, detail);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
