/**
 * The gateway under test: `sluice serve` with a configuration made for the run, on free ports.
 *
 * Invariant: what differs from the defaults is listed in `GATEWAY_DIFFERENCES`, and printed with the results.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pause } from '../clock.ts';
import type { LoadTarget } from '../wire/load-target.ts';
import { type GatewayFigures, readFigures } from './gateway-figures.ts';

const BIN = fileURLToPath(new URL('../../gateway/bin/sluice.js', import.meta.url));
const HOST = '127.0.0.1';
const KEY = { apiKey: 'loadkey', secret: 'the-load-test-signs-its-own-tokens-0123' };
/** The tenants of a run: `calls` places calls, `crowd-n` publish and listen, `rude` misbehaves on the signalling side. */
export const CROWD_TENANTS: readonly string[] = Array.from({ length: 8 }, (_, index) => `crowd-${index}`);
const TENANTS = ['calls', 'rude', ...CROWD_TENANTS];
const START_MS = 20_000;

/** What the run's configuration changes. Everything else is as it is delivered. */
export const GATEWAY_DIFFERENCES = `listeners on free ports of 127.0.0.1, one API key with ${TENANTS.length} tenants`;

/** A gateway that runs. */
export interface GatewayUnderTest {
  readonly target: LoadTarget;
  /** Where its operator API is, e.g. `http://127.0.0.1:40123`. */
  readonly operatorUrl: string;
  /** From the start of the process until then, ms. */
  readonly readyMs: number;
  /** What it printed at the start. */
  readonly report: string;
  readonly pid: number;
  /** Process ids of the planes, as the gateway printed them; metadata is worker 0. */
  readonly planes: { readonly control: number; readonly metadata: number };
  figures(): Promise<GatewayFigures>;
  stop(): Promise<void>;
}

/**
 * Starts the gateway and waits until every plane and the operator API answer. `overrides` go over the configuration;
 * `policy` is the text of one in place of the default; `program` what is run, with the arguments before `--config`;
 * `environment` is added to ours.
 */
export async function startGateway(
  overrides: Readonly<Record<string, unknown>> = {},
  policy: string | null = null,
  program: readonly string[] = [BIN, 'serve'],
  environment: Readonly<Record<string, string>> = {},
): Promise<GatewayUnderTest> {
  const [signal, metadata, nodeControl, nodeMetadata, operator] = (await freePorts(5)) as Ports;
  const folder = await mkdtemp(join(tmpdir(), 'sluice-load-'));
  const file = join(folder, 'config.json');
  const at = (port: number) => ({ host: HOST, port });
  const config = {
    gatewayId: 'under-test',
    listen: {
      signal: at(signal),
      metadata: at(metadata),
      nodeControl: at(nodeControl),
      nodeMetadata: at(nodeMetadata),
      operator: at(operator),
    },
    keys: { [KEY.apiKey]: { tenants: TENANTS, algorithm: 'HS256', secret: KEY.secret } },
    ...overrides,
  };
  await writeFile(file, JSON.stringify(config));
  const options = ['--config', file];
  if (policy !== null) {
    const policyFile = join(folder, 'policy.yaml');
    await writeFile(policyFile, policy);
    options.push('--policy', policyFile);
  }
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...program, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const printed = collect(child);
  const base = `http://${HOST}:${operator}`;
  try {
    // The planes come up side by side, and each says for itself when it listens.
    for (const port of [signal, metadata, operator])
      await waitForAnswer(child, `http://${HOST}:${port}/healthz`, printed);
  } catch (error) {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true });
    throw error;
  }
  return {
    target: {
      host: HOST,
      signalPort: signal,
      metadataPort: metadata,
      nodeControlPort: nodeControl,
      nodeMetadataPort: nodeMetadata,
      key: KEY,
    },
    operatorUrl: base,
    readyMs: performance.now() - startedMs,
    get report() {
      return printed.text;
    },
    pid: child.pid ?? 0,
    get planes() {
      const pidOf = (name: string) => Number(new RegExp(`${name}\\s+pid (\\d+)`).exec(printed.text)?.[1] ?? 0);
      return { control: pidOf('control'), metadata: pidOf('metadata 0') };
    },
    figures: async () => readFigures(await (await fetch(`${base}/metrics`)).text()),
    async stop() {
      await endOf(child);
      await rm(folder, { recursive: true });
    },
  };
}

type Ports = [number, number, number, number, number];

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, HOST, () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function collect(child: ChildProcess): { text: string } {
  const printed = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed.text = (printed.text + text).slice(-20_000);
    });
  }
  return printed;
}

async function waitForAnswer(child: ChildProcess, url: string, printed: { text: string }): Promise<void> {
  for (const endMs = performance.now() + START_MS; performance.now() < endMs; await pause(20)) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}:\n${printed.text}`);
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Nothing listens yet.
    }
  }
  throw new Error(`the gateway did not answer ${url} within ${START_MS} ms:\n${printed.text}`);
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  const again = setTimeout(() => child.kill('SIGTERM'), 1000);
  const atOnce = setTimeout(() => child.kill('SIGKILL'), 8000);
  await ended;
  clearTimeout(again);
  clearTimeout(atOnce);
}
