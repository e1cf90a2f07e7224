/**
 * A plane's process: starts the plane it is told to and reports about it once a second. Run by the supervisor only, as
 * `node plane-main.ts <module> <function>`; the function is a `StartPlane`.
 *
 * Invariants: it ends when the supervisor's channel closes, however the supervisor died; an uncaught error ends it too
 * (the supervisor starts another). Ctrl-C reaches every process of a terminal: the supervisor alone answers it.
 */
import { deepFreeze } from '../config/deep-freeze.ts';
import { type Log, openLog } from '../telemetry/log.ts';
import type { Plane, PlaneOrder, PlaneReport, PlaneStart, StartPlane } from './plane-link.ts';

const REPORT_INTERVAL_MS = 1000;
const LOAD_INTERVAL_MS = 250;

type PolicyOrder = Extract<PlaneOrder, { readonly type: 'policy' }>;

let log: Log = openLog('plane', 'warn');
let plane: Plane | null = null;
let draining = false;
/** A policy that came while the plane was starting. */
let waitingPolicy: PolicyOrder | null = null;
/** A level of overload that came meanwhile. */
let waitingLevel: number | null = null;

process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
process.on('SIGTERM', () => void drain());
process.on('message', (order: PlaneOrder) => {
  if (order.type === 'start') void start(order.start);
  else if (order.type === 'policy') adopt(order);
  else if (order.type === 'shadow') plane?.shadow?.take(order.source);
  else if (order.type === 'question') {
    report({ type: 'answer', id: order.id, answer: plane?.explain?.(order.question) ?? null });
  } else if (order.type === 'shares') plane?.leases?.take(order.shares);
  else if (order.type === 'ladder') climb(order.level);
  else void drain();
});
process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'a fault that nothing expected');
  process.exit(70);
});
if (process.channel === undefined) {
  console.error('sluice: planes are started by sluice serve');
  process.exit(2);
}

async function start(order: PlaneStart): Promise<void> {
  log = openLog(order.plane === 'control' ? 'control' : `metadata ${order.worker}`, 'warn');
  const [module = '', name = ''] = process.argv.slice(2);
  try {
    const exports = (await import(module)) as Record<string, StartPlane>;
    const startPlane = exports[name];
    if (startPlane === undefined) throw new Error(`${module} exports no ${name}`);
    plane = await startPlane({ ...order, config: deepFreeze(order.config) });
  } catch (error) {
    // These are never what the operator did wrong: show where.
    if (error instanceof TypeError || error instanceof ReferenceError)
      log.error({ err: error }, 'a fault of the plane');
    const message = error instanceof Error ? error.message : String(error);
    report({ type: 'failed', message }, () => process.exit(1));
    return;
  }
  report({ type: 'listening', ports: portsOf(order) });
  if (waitingPolicy !== null) adopt(waitingPolicy);
  if (waitingLevel !== null) climb(waitingLevel);
  reportSnapshot(plane);
  setInterval(reportSnapshot, REPORT_INTERVAL_MS, plane);
  if (plane.ladder !== undefined) setInterval(reportLoad, LOAD_INTERVAL_MS, plane);
}

/** Puts another policy in force between two turns of the event loop. */
function adopt(order: PolicyOrder): void {
  if (plane === null) {
    waitingPolicy = order;
    return;
  }
  let error: string | null = null;
  try {
    plane.adopt(order.source);
  } catch (fault) {
    log.error({ err: fault }, 'a policy could not be adopted: the old one stays in force');
    error = fault instanceof Error ? fault.message : String(fault);
  }
  // First the snapshot: whoever hears that the policy was adopted finds it there.
  reportSnapshot(plane);
  report({ type: 'policy', hash: order.hash, error });
}

function climb(level: number): void {
  if (plane === null) waitingLevel = level;
  else plane.ladder?.climb(level);
}

function reportLoad(running: Plane): void {
  report({ type: 'load', load: running.ladder?.load() ?? {} });
}

/** Lets the sessions go, then ends. A plane that is not up yet just ends. */
async function drain(): Promise<void> {
  if (draining) return;
  draining = true;
  if (plane === null) process.exit(0);
  await plane.drain();
  reportSnapshot(plane);
  report({ type: 'drained' }, () => process.exit(0));
}

function reportSnapshot(running: Plane): void {
  const demand = running.leases?.demand();
  report({ type: 'snapshot', snapshot: running.snapshot(), health: running.health(), ...(demand && { demand }) });
}

/** Sends a report; `sent` runs when it is on its way, or cannot be. */
function report(message: PlaneReport, sent: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, undefined, undefined, sent);
  else sent();
}

/** Where this plane listens: worker n is 10·n above the configured ports. */
function portsOf({ plane: name, worker, config }: PlaneStart): Record<string, number> {
  const { signal, metadata, nodeControl, nodeMetadata } = config.listen;
  if (name === 'control') return { signal: signal.port, nodeControl: nodeControl.port };
  return { metadata: metadata.port + 10 * worker, nodeMetadata: nodeMetadata.port + 10 * worker };
}
