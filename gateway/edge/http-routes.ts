/** What a plane's listener answers beside its WebSocket path: health, pages, what is relayed, and that nothing else is here. */
import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { Health } from '../supervisor/plane-link.ts';
import { answerBody, answerRefusal } from './http-answers.ts';
import { refusal } from './refusal.ts';
import { type Relay, relayRequest } from './relay.ts';

/** A page as it is served. With status 200 its connection stays open for the next one. */
export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

type Answer = (res: HttpResponse, req: HttpRequest) => void;

export interface HttpRouteOptions {
  readonly path: string;
  readonly health: () => Health;
  readonly draining: () => boolean;
  readonly pages?: ((path: string) => Page | null) | undefined;
  readonly relay?: Relay | undefined;
  /** Wraps every answer: what an address may ask for is bounded. */
  readonly guard: (answer: Answer) => Answer;
}

/** Adds the routes. */
export function addHttpRoutes(app: TemplatedApp, options: HttpRouteOptions): void {
  const { guard, health, draining, pages, relay } = options;
  app.get(
    '/healthz',
    guard((res) => answerBody(res, { status: 200, type: 'application/json', body: '{"status":"ok"}' })),
  );
  app.get(
    '/readyz',
    guard((res) => {
      const { ready, reasons } = health();
      const told = draining() ? { ready: false, reasons: [...reasons, 'draining'] } : { ready, reasons };
      answerBody(res, { status: told.ready ? 200 : 503, type: 'application/json', body: JSON.stringify(told) });
    }),
  );
  for (const route of relay?.routes ?? []) {
    const pass = guard((res, req) => relayRequest(res, req, relay!));
    app.get(route, pass).post(route, pass).del(route, pass);
  }
  app.get(
    '/*',
    guard((res, req) => {
      const page = pages?.(req.getUrl());
      if (page) answerBody(res, page, page.status === 200);
      else answerRefusal(res, refusal(404, 'notFound', `nothing is here; WebSockets connect to ${options.path}`), '');
    }),
  );
  app.any(
    '/*',
    guard((res) => answerRefusal(res, refusal(405, 'method', 'expected GET'), '')),
  );
}
