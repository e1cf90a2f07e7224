/**
 * A plane's listener for clients: WebSockets on one path, the probe beside it, health, and pages. The folder of this
 * file is the only importer of uWebSockets.js.
 *
 * Invariants: a taken port is an error, never shared by accident; a handshake is refused as cheaply as it can be;
 * after `stop` nothing of it runs.
 */
import './header-room.ts';

import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { Config } from '../config/config.ts';
import type { Health } from '../supervisor/plane-link.ts';
import { verifyAccessToken } from './access-token.ts';
import { Admission } from './admission.ts';
import { TrustedProxies } from './client-address.ts';
import type { EdgeListener, EdgeSocket, Principal, Turn } from './edge-socket.ts';
import { HandshakeLimits } from './handshake-limits.ts';
import { type AddressRules, readHandshake, requestAddress } from './handshake-request.ts';
import { AllowedOrigins, answerPreflight, answerRefusal } from './http-answers.ts';
import { addHttpRoutes, type Page } from './http-routes.ts';
import { loadKeyRing } from './key-ring.ts';
import { listen } from './listen.ts';
import { type EdgePlace, openApp } from './open-app.ts';
import { OrderlyEnds } from './orderly-ends.ts';
import { Penalties } from './penalties.ts';
import { isRefusal, type Refusal, refusal } from './refusal.ts';
import type { Relay } from './relay.ts';
import { Sockets } from './socket-behavior.ts';

const SWEEP_MS = 1000;

export interface EdgeOptions {
  readonly listener: EdgePlace;
  readonly path: '/v1/signal' | '/v1/metadata';
  readonly keys: Config['keys'];
  readonly origins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly proxyProtocol: boolean;
  readonly maxFrameBytes: number;
  readonly runFrames: number;
  readonly runBytes: number;
  readonly maxSockets: number;
  readonly heartbeatMs: number;
  /** How long the identity of a socket cut for its run is refused. */
  readonly penaltyMs: number;
  readonly handshakesPerSecondPerAddress: number;
  readonly handshakesPerSecondPerTenant: number;
  /** Checked after the access token, e.g. rules of rooms and kinds; null: fine, else what to answer. */
  readonly admit?: (principal: Principal, query: URLSearchParams) => Refusal | null;
  /** For /healthz and /readyz on this port. */
  readonly health: () => Health;
  /** Whether other processes may listen on the same port. Default: no. */
  readonly sharedPort?: boolean;
  /** Pages to serve by path, such as the demo's; null: there is none. */
  readonly pages?: (path: string) => Page | null;
  /** Paths that another listener of this machine answers, such as the demo's controls. */
  readonly relay?: Relay;
}

/** A running edge. */
export interface Edge<S = unknown> {
  readonly port: number;
  readonly turn: Turn;
  /** Open sockets. */
  readonly sockets: number;
  /** Finished handshakes by result: `accepted` or the reason of the refusal. */
  readonly handshakes: Readonly<Record<string, number>>;
  /** Closed sockets by close code, as the gateway means it: a flooder counts as 4129 though it saw 1006. */
  readonly disconnects: Readonly<Record<string, number>>;
  forEach(visit: (socket: EdgeSocket<S>) => void): void;
  /** Refuses all new handshakes with 503 and is no longer ready; null: accepts them again. */
  refuse(reason: 'draining' | null): void;
  /** Closes the listener and every socket at once; the listener's `closed` runs for each. */
  stop(): void;
}

/**
 * Starts listening. Rejects with one line when the port is taken, a key cannot be loaded or an option makes no sense.
 * Port 0 takes a free one.
 */
export async function startEdge<S>(options: EdgeOptions, listener: EdgeListener<S>): Promise<Edge<S>> {
  if (options.proxyProtocol && options.trustedProxies.length === 0) {
    throw new Error('proxyProtocol: name the proxies in trustedProxies; nobody else is believed');
  }
  const rules: AddressRules = {
    proxies: new TrustedProxies(options.trustedProxies),
    proxyProtocol: options.proxyProtocol,
  };
  const ring = await loadKeyRing(options.keys);
  const penalties = new Penalties();
  const orderlyEnds = new OrderlyEnds();
  const limits = new HandshakeLimits(options.handshakesPerSecondPerAddress, options.handshakesPerSecondPerTenant);
  const origins = new AllowedOrigins(options.origins);
  const sockets = new Sockets<S>(options, listener, {
    penalise: (principal, penaltyMs) =>
      penalties.add(principal.tenant, principal.identity, performance.now() + penaltyMs),
    mayEnd: (address, code) => orderlyEnds.allows(address, code, performance.now()),
    verify: (jwt) => verifyAccessToken(ring, jwt),
  });
  const admission = new Admission({
    ring,
    origins,
    limits,
    penalties,
    maxSockets: options.maxSockets,
    sockets: () => sockets.table.size,
    admit: options.admit,
  });
  const handshakes: Record<string, number> = {};
  const count = (result: string): void => {
    handshakes[result] = (handshakes[result] ?? 0) + 1;
  };

  /** Runs `answer` for an address that is not far over its allowance; closes the others unanswered. */
  const guarded =
    (answer: (res: HttpResponse, req: HttpRequest, address: string, nowMs: number) => void, over?: () => void) =>
    (res: HttpResponse, req: HttpRequest): void => {
      const address = requestAddress(rules, res, req);
      const nowMs = performance.now();
      if (limits.answers(address, nowMs)) {
        answer(res, req, address, nowMs);
      } else {
        over?.();
        res.close();
      }
    };

  const corsOrigin = (origin: string): string => (origins.allows(origin) ? origin : '');

  const app = openApp(options.listener);
  app.ws(options.path, {
    ...sockets.behavior(),
    upgrade: (res, req, context) => {
      guarded(
        (_, __, address, nowMs) => {
          const early = admission.early(address, req.getQuery('resume') === '1', nowMs);
          if (early) {
            count(early.reason);
            return answerRefusal(res, early, corsOrigin(req.getHeader('origin')));
          }
          const request = readHandshake(address, req);
          let aborted = false;
          res.onAborted(() => {
            aborted = true;
            count('aborted');
          });
          void admission.check(request, false, nowMs).then((principal) => {
            if (aborted) return;
            if (isRefusal(principal)) {
              count(principal.reason);
              return answerRefusal(res, principal, corsOrigin(request.origin));
            }
            count('accepted');
            // Still inside the callback, as nothing above waits for more than microtasks, and thus corked. Never
            // within res.cork: this release closes about every fourth socket so upgraded (uWebSockets #1929).
            res.upgrade(
              { accepted: { request, principal } },
              request.webSocketKey,
              request.subprotocol,
              request.extensions,
              context,
            );
          });
        },
        () => count('limited'),
      )(res, req);
    },
  });
  app.get(
    options.path,
    guarded((res, req, address, nowMs) => {
      const early = admission.early(address, req.getQuery('resume') === '1', nowMs);
      if (early) return answerRefusal(res, early, corsOrigin(req.getHeader('origin')));
      const request = readHandshake(address, req);
      let aborted = false;
      res.onAborted(() => {
        aborted = true;
      });
      void admission.check(request, true, nowMs).then((principal) => {
        if (aborted) return;
        const answer = isRefusal(principal) ? principal : refusal(200, 'ok', 'a WebSocket would be accepted here now');
        answerRefusal(res, answer, corsOrigin(request.origin));
      });
    }),
  );
  app.options(
    options.path,
    guarded((res, req) => {
      const origin = req.getHeader('origin');
      if (origins.allows(origin)) answerPreflight(res, origin);
      else answerRefusal(res, refusal(403, 'forbidden', 'pages of this origin may not connect'), '');
    }),
  );
  addHttpRoutes(app, {
    ...options,
    draining: () => admission.draining,
    guard: (answer) => guarded((res, req) => answer(res, req)),
  });

  const listening = await listen(app, options.path, options.listener, options.sharedPort === true);
  const sweep = setInterval(() => {
    penalties.sweep(performance.now());
    sockets.disconnectExpired(Date.now());
  }, SWEEP_MS);
  sweep.unref();
  let stopped = false;

  return {
    port: listening.port,
    turn: sockets.turn,
    get sockets() {
      return sockets.table.size;
    },
    handshakes,
    disconnects: sockets.disconnects,
    forEach: (visit) => sockets.table.forEach(visit),
    refuse: (reason) => {
      admission.draining = reason === 'draining';
    },
    stop: () => {
      if (stopped) return;
      stopped = true;
      clearInterval(sweep);
      listening.close();
      app.close();
    },
  };
}
