/**
 * Serves the demo page from memory. In demo mode only; the planes' own work never waits for it.
 *
 * Invariant: a request costs one look-up in a map, from the moment the files have been read; until then it is told to
 * come back.
 */
import { Worker } from 'node:worker_threads';
import type { Config } from '../config/config.ts';
import { hasTls } from '../config/tls-files.ts';
import type { Page } from '../edge/http-routes.ts';
import { openLog } from '../telemetry/log.ts';
import type { DemoFiles, DemoPlace } from './demo-files.ts';

const EXTENSION = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
const STARTING =
  '<!doctype html><meta http-equiv="refresh" content="1"><title>Sluice</title><p>The page is being made ready…';

const FAILED = '<!doctype html><title>Sluice</title><p>The page cannot be made: the gateway&#39;s log says why.';
const HTML = 'text/html; charset=utf-8';

/** The demo's pages by path, as an edge takes them. */
export function demoPages(config: Config): (path: string) => Page | null {
  let ready: DemoFiles | null = null;
  let waiting: Page = { status: 503, type: HTML, body: STARTING };
  const { signal, metadata } = config.listen;
  const workers = Array.from({ length: config.metadataWorkers }, (_, worker) => metadata.port + 10 * worker);
  const workerData: DemoPlace = {
    secret: config.pageSecret !== '',
    secure: hasTls(signal),
    ports: [signal.port, ...workers],
  };
  const thread = new Worker(new URL(`./demo-files-thread.${EXTENSION}`, import.meta.url), {
    workerData,
    // Stripping types is marked as experimental in this Node, which is pinned.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  thread.once('message', (files: DemoFiles) => {
    ready = files;
  });
  thread.once('error', (error) => {
    waiting = { status: 500, type: HTML, body: FAILED };
    openLog('control', 'warn').error({ err: error }, 'there will be no demo page');
  });
  thread.unref();

  return (path) => {
    if (ready === null) return path === '/' ? waiting : null;
    const file = ready.files.get(path);
    if (file === undefined) return null;
    const headers = { 'Content-Security-Policy': ready.policy, 'X-Content-Type-Options': 'nosniff' };
    return { status: 200, ...file, headers };
  };
}
