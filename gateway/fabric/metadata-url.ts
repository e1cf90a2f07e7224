/** Where the metadata plane is, for clients and for nodes. */
import type { Config } from '../config/config.ts';
import { hasTls } from '../config/tls-files.ts';
import { hostPort } from '../nodes/bind-server.ts';

/** Metadata worker n listens this many ports above worker 0. */
export const WORKER_PORTS = 10;

/** The WebSocket URL of a metadata worker for a client that reached us as `host` (`name`, `name:port` or `[v6]:port`). */
export function metadataUrl(config: Config, worker: number, host: string): string {
  const template = config.advertise.metadata;
  if (template !== '') return template.replaceAll('{worker}', String(worker));
  const { host: listenHost, port, tls } = config.listen.metadata;
  const name = host === '' ? listenHost : host.replace(/:\d+$/, '');
  return `${hasTls({ tls }) ? 'wss' : 'ws'}://${hostPort(name, port + WORKER_PORTS * worker)}/v1/metadata`;
}

/** The NodeMetadata addresses that nodes are told, worker 0 first. */
export function metadataAddresses(config: Config): string[] {
  const template = config.advertise.nodeMetadata;
  if (template === '') return localMetadataAddresses(config);
  return workersOf(config).map((worker) => template.replaceAll('{worker}', String(worker)));
}

/** The NodeMetadata addresses by which this machine reaches its own workers, worker 0 first. */
export function localMetadataAddresses(config: Config): string[] {
  const { host, port } = config.listen.nodeMetadata;
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return workersOf(config).map((worker) => hostPort(reachable, port + WORKER_PORTS * worker));
}

function workersOf(config: Config): number[] {
  return Array.from({ length: config.metadataWorkers }, (_, worker) => worker);
}
