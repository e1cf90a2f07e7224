/**
 * Chooses a port wherever the configuration says 0. It is chosen once, by the supervisor, so that the planes know each
 * other's ports and one that is restarted comes back where it was.
 *
 * Ports come from below the range from which systems take those of outgoing connections, lest one of them takes a port
 * between its choice and its use.
 */
import { createServer } from 'node:net';
import type { Config, Listener } from '../config/config.ts';

const FIRST = 20_000;
const COUNT = 10_000;
const ATTEMPTS = 200;

/** The configuration with every port 0 replaced. Rejects when no free port is found. */
export async function withChosenPorts(config: Config): Promise<Config> {
  const taken = new Set<number>();
  const choose = async <L extends Listener>(listener: L, workers: number): Promise<L> => {
    if (listener.port !== 0) return listener;
    return Object.freeze({ ...listener, port: await choosePort(listener.host, workers, taken) });
  };
  const { signal, metadata, nodeControl, nodeMetadata, operator } = config.listen;
  const listen = {
    signal: await choose(signal, 1),
    metadata: await choose(metadata, config.metadataWorkers),
    nodeControl: await choose(nodeControl, 1),
    nodeMetadata: await choose(nodeMetadata, config.metadataWorkers),
    operator: await choose(operator, 1),
  };
  return Object.freeze({ ...config, listen: Object.freeze(listen) });
}

/** A port that is free, along with those 10, 20, … above it for further workers. */
async function choosePort(host: string, workers: number, taken: Set<number>): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const ports = Array.from({ length: workers }, (_, worker) => port + 10 * worker);
    if (ports.some((each) => taken.has(each))) continue;
    const free = await Promise.all(ports.map((each) => isFree(host, each)));
    if (!free.every(Boolean)) continue;
    for (const each of ports) taken.add(each);
    return port;
  }
  throw new Error(`no free port was found on ${host}`);
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
