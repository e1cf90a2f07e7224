/** The operators' HTTP listener: metrics, health, readiness, status. It reads what is at hand and never asks a plane. */
import type { FastifyInstance } from 'fastify';
import type { LiveLadder } from '../../schemas/live-second.ts';
import type { Config } from '../config/config.ts';
import { accessGuard } from './access-guard.ts';
import { addDemoRoutes, type DemoControls } from './demo-routes.ts';
import type { GatewayView } from './gateway-view.ts';
import { addLadderRoutes } from './ladder-routes.ts';
import { LiveFeed } from './live-feed.ts';
import { addLiveRoute } from './live-routes.ts';
import { operatorServer } from './operator-server.ts';
import { addPolicyRoutes, type PolicyRouteParts } from './policy-routes.ts';
import { sendProblem } from './problem.ts';
import { addSloRoute } from './slo-routes.ts';

/** What Prometheus expects a scrape to say it is. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What the listener serves. `metricsText` may load its exporter at the first scrape. */
export interface OperatorApiOptions {
  readonly config: Config;
  readonly view: GatewayView;
  readonly metricsText: () => Promise<string>;
  /** Where policies change; absent: nowhere, as for tests of the rest. */
  readonly policies?: Omit<PolicyRouteParts, 'config'> | undefined;
  /** In demo mode, what its page may ask for. */
  readonly demo?: DemoControls | undefined;
  /** How long a request may take to arrive; for tests. */
  readonly requestMs?: number;
}

/** A listener that is up. */
export interface OperatorApi {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on `config.listen.operator`. Rejects with one line when the port is taken or the address is not ours. */
export async function startOperatorApi(options: OperatorApiOptions): Promise<OperatorApi> {
  const { host, port } = options.config.listen.operator;
  const server = operatorServer(options.requestMs);
  addGuard(server, options.config);
  addRoutes(server, options);
  addLadderRoutes(server, { config: options.config, view: options.view, audit: options.policies?.audit });
  addLiveRoute(server, new LiveFeed(() => options.view.live(), ladderOf(options.view)));
  if (options.policies !== undefined) {
    addPolicyRoutes(server, { config: options.config, ...options.policies });
    addSloRoute(server, { view: options.view, desk: options.policies.desk });
  }
  if (options.demo !== undefined) addDemoRoutes(server, options.demo);
  try {
    await server.listen({ host, port, exclusive: true });
  } catch (error) {
    throw new Error(listenProblem(error as NodeJS.ErrnoException, host, port));
  }
  const address = server.server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : port, close: () => server.close() };
}

function listenProblem(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE') {
    return `port ${port} on ${host} is taken: end what listens there, or set listen.operator.port`;
  }
  if (error.code === 'EACCES') return `port ${port} on ${host} takes privileges: set listen.operator.port above 1023`;
  if (error.code === 'EADDRNOTAVAIL') return `${host} is no address of this machine: set listen.operator.host`;
  return `the operator listener on ${host}:${port} could not start: ${error.message}`;
}

function addGuard(server: FastifyInstance, config: Config): void {
  const refusalOf = accessGuard(config);
  server.addHook('onRequest', async (request, reply) => {
    const refusal = refusalOf({
      remoteAddress: request.socket.remoteAddress ?? '',
      localAddress: request.socket.localAddress ?? '',
      host: request.headers.host,
      origin: request.headers.origin,
      authorization: request.headers.authorization,
    });
    if (refusal === null) return;
    if (refusal.status === 401) reply.header('www-authenticate', 'Bearer realm="sluice"');
    return sendProblem(reply, refusal.status, refusal.detail);
  });
}

function addRoutes(server: FastifyInstance, { config, view, metricsText, policies }: OperatorApiOptions): void {
  server.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(indexPage(config.gatewayId)));
  server.get('/healthz', (_request, reply) => reply.send({ alive: true }));
  server.get('/readyz', (_request, reply) => {
    const readiness = view.readiness();
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  server.get('/v1/status', (_request, reply) =>
    reply.send({ ...view.status(), policyFailure: policies?.desk.lastFailure ?? null }),
  );
  server.get('/metrics', async (_request, reply) => reply.type(METRICS_TYPE).send(await metricsText()));
}

function ladderOf(view: GatewayView): () => LiveLadder {
  return () => {
    const { level, effects } = view.ladder();
    return { level, asks: effects.advice.at(-1) ?? '' };
  };
}

function indexPage(gatewayId: string): string {
  const name = gatewayId.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  const links = [
    ['/v1/status', 'planes, their processes and what they last reported'],
    ['/v1/policy', 'the policy in force; /v1/policy/history has those before, /v1/audit who changed what'],
    ['/v1/slo', 'what classes and tiers are promised, and what was measured in the last minute'],
    ['/v1/ladder', 'how overloaded the gateway is, and what it gives up for that'],
    ['/readyz', 'whether each plane may be sent traffic, and why not'],
    ['/healthz', 'whether this process answers'],
    ['/metrics', 'for Prometheus'],
  ];
  const items = links.map(([path, about]) => `<li><a href="${path}">${path}</a> ${about}</li>`).join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sluice ${name}</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}a{font-family:monospace}</style>
<h1>Sluice <small>${name}</small></h1><ul>${items}</ul></html>\n`;
}
