/** The nodes of `serve --demo`: a reference SFU and a replayed meeting, as processes that are restarted when they die. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.ts';
import { DEMO_ROOM, DEMO_TENANT } from '../config/demo-config.ts';
import type { Log } from '../telemetry/log.ts';
import { RESTART_TIMES } from './backoff.ts';
import { KeptProcess } from './kept-process.ts';

const EXTENSION = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
const MAIN = fileURLToPath(new URL(`../cli/main.${EXTENSION}`, import.meta.url));
const TRACE = fileURLToPath(new URL('../agents/traces/standup.jsonl', import.meta.url));
const STOP_PATIENCE_MS = 2000;

/** Nodes that run. */
export interface DemoNodes {
  /** None is started again from now on: the Ctrl-C that drains the gateway has reached them too. */
  retire(): void;
  stop(): Promise<void>;
  kill(): void;
}

/** Starts the demo's nodes against the gateway that `config` describes; media comes on `addresses`. */
export function startDemoNodes(config: Config, addresses: readonly string[], log: Log): DemoNodes {
  const { nodeControl, nodeMetadata } = config.listen;
  const control = ['--gateway-control', `${nodeControl.host}:${nodeControl.port}`];
  const metadata = ['--gateway-metadata', `${nodeMetadata.host}:${nodeMetadata.port}`];
  // Not as an argument, which every user of the machine can read.
  const nodeToken = config.nodeTokens[0] ?? '';
  const place = ['--tenant', DEMO_TENANT, '--room', DEMO_ROOM];
  const nodes = [
    keep(
      'reference',
      ['node', 'reference', ...control, ...metadata, '--interface-address', addresses.join()],
      nodeToken,
      log,
    ),
    keep(
      'captions',
      ['node', 'captions', ...control, ...metadata, ...place, '--trace', TRACE, '--loop'],
      nodeToken,
      log,
    ),
  ];
  return {
    retire: () => {
      for (const node of nodes) node.retire();
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop((child) => child.kill('SIGTERM'), STOP_PATIENCE_MS)));
    },
    kill: () => {
      for (const node of nodes) node.kill();
    },
  };
}

function keep(name: string, args: readonly string[], nodeToken: string, log: Log): KeptProcess {
  const kept: KeptProcess = new KeptProcess({
    spawn: () => {
      const child = spawn(process.execPath, [MAIN, ...args], {
        // Nodes log by themselves, on standard error like us. The channel tells them when we are gone.
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        env: { ...process.env, SLUICE_LAUNCHED: '1', ...(nodeToken && { SLUICE_NODE_TOKEN: nodeToken }) },
      });
      child.once('spawn', () => kept.serving());
      return child;
    },
    times: RESTART_TIMES,
    died: ({ reason, restartMs }) => {
      if (restartMs === null) return;
      log.error(`the ${name} node died (${reason}); it is started again in ${Math.round(restartMs)} ms`);
    },
  });
  kept.start();
  return kept;
}
