/** HTTP answers of the edge: always JSON or a page, the end of the connection but for pages, CORS where the origin may. */
import type { HttpResponse } from 'uWebSockets.js';
import type { Page } from './http-routes.ts';
import type { Refusal } from './refusal.ts';

const STATUS_LINES: Readonly<Record<number, string>> = {
  200: '200 OK',
  204: '204 No Content',
  400: '400 Bad Request',
  401: '401 Unauthorized',
  403: '403 Forbidden',
  404: '404 Not Found',
  405: '405 Method Not Allowed',
  429: '429 Too Many Requests',
  500: '500 Internal Server Error',
  503: '503 Service Unavailable',
};

/** Which pages of other origins may open sockets and read answers. `*`: any. */
export class AllowedOrigins {
  readonly #any: boolean;
  readonly #origins: ReadonlySet<string>;

  constructor(origins: readonly string[]) {
    this.#any = origins.includes('*');
    this.#origins = new Set(origins);
  }

  /** Whether a request with this Origin header may pass; without one (programs, same origin) it may. */
  allows(origin: string): boolean {
    return origin === '' || this.#any || this.#origins.has(origin);
  }
}

/** Answers a refusal, or `{reason: 'ok'}` with 200. `origin` is empty where CORS does not apply. Corks by itself. */
export function answerRefusal(res: HttpResponse, what: Refusal, origin: string): void {
  const { status, reason, message, retryAfterMs } = what;
  const body =
    retryAfterMs === undefined ? { reason, message } : { reason, message, retryAfterMs: Math.ceil(retryAfterMs) };
  res.cork(() => {
    res.writeStatus(STATUS_LINES[status] ?? String(status));
    if (retryAfterMs !== undefined) res.writeHeader('Retry-After', String(Math.ceil(retryAfterMs / 1000)));
    if (status === 401) res.writeHeader('WWW-Authenticate', 'Bearer');
    writeCors(res, origin);
    res.writeHeader('Content-Type', 'application/json').writeHeader('Cache-Control', 'no-store');
    res.end(JSON.stringify(body), true);
  });
}

/** Answers the preflight a browser sends before a probe with an Authorization header. */
export function answerPreflight(res: HttpResponse, origin: string): void {
  res.writeStatus(STATUS_LINES[204]!);
  writeCors(res, origin);
  res.writeHeader('Access-Control-Allow-Methods', 'GET');
  res.writeHeader('Access-Control-Allow-Headers', 'Authorization');
  res.writeHeader('Access-Control-Max-Age', '600');
  res.endWithoutBody(0, true);
}

/** Answers a page or a health report. `keepOpen`: the connection is for more requests of the same browser. */
export function answerBody(res: HttpResponse, { status, type, body, headers = {} }: Page, keepOpen = false): void {
  res.writeStatus(STATUS_LINES[status] ?? String(status));
  res.writeHeader('Content-Type', type).writeHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers)) res.writeHeader(name, value);
  res.end(body, !keepOpen);
}

function writeCors(res: HttpResponse, origin: string): void {
  if (origin === '') return;
  res.writeHeader('Access-Control-Allow-Origin', origin).writeHeader('Vary', 'Origin');
  res.writeHeader('Access-Control-Expose-Headers', 'Retry-After');
}
