/** What e4 needs: a gateway whose signalling sheds in one way or another, a stub SFU and clients, each in its own process. */
import { fileURLToPath } from 'node:url';
import { monotonicMs, pause } from '../clock.ts';
import type { DialogReport } from '../dialogs/dialog-load.ts';
import { LatencyRecord } from '../latency-record.ts';
import type { DialogCalls } from '../processes/dialog-process.ts';
import { CROWD_TENANTS, startGateway } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import { pinLadder } from '../processes/pin-ladder.ts';
import { cpuMsOf } from '../processes/process-figures.ts';
import type { StubSfuCalls } from '../stub-sfu.ts';
import type { DialogCounts } from './e4-verdict.ts';

/** How long a message may be under way. */
export const PATIENCE_MS = 1000;
/** What differs from the gateway as delivered, as it is printed. */
export const DIALOG_RIG_DIFFERENCE =
  'handshakes are not limited, and its ladder is held at 0: its highest level takes no calls at all';

const BIN = fileURLToPath(new URL('../../gateway/bin/sluice.js', import.meta.url));
const SHEDDING_GATE = new URL('../baselines/shedding-gate.ts', import.meta.url);
const UNLIMITED = { limits: { handshakesPerSecondPerAddress: 1_000_000, handshakesPerSecondPerTenant: 1_000_000 } };
const WARM = { ratePerSecond: 500, durationMs: 2000, settleMs: 0, seed: 1 };
const WARM_STRETCHES = 2;
/** For what is left of dialogs that were given up. */
const REST_MS = 1500;

/** A stretch of dialogs. */
export interface DialogStretch extends DialogCounts {
  readonly ratePerSecond: number;
  readonly refusedLater: number;
  readonly unanswered: number;
  /** From when they were due to the end, of those that finished, ms. */
  readonly tookP50Ms: number;
  readonly tookP99Ms: number;
  /** How late the load client was, ms. */
  readonly latenessP99Ms: number;
  /** Of one CPU: the control plane, the stub SFU and the clients. */
  readonly cpu: readonly [number, number, number];
}

/** A gateway with its load around it. */
export interface DialogRig {
  /** Offers dialogs; those due in the first `settleMs` do not count. */
  offer(ratePerSecond: number, settleMs: number, countedMs: number, seed: number): Promise<DialogStretch>;
  /** Largest residual of the gateway's books. */
  residual(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts a rig of `clients` open sockets and warms it up; whatever was started is stopped when a part fails. `shedShare`:
 * of all signalling, refused at random by a gate that takes the place of the gateway's; null: the gateway's own.
 */
export async function startDialogRig(shedShare: number | null, clients: number): Promise<DialogRig> {
  const parts: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const part of parts.reverse()) await part.stop();
  };
  try {
    const gateway = await startGateway(UNLIMITED, null, shedShare === null ? undefined : shedding(shedShare));
    parts.push(gateway);
    const { target } = gateway;
    await pinLadder(gateway.operatorUrl, 0);
    const stub = new LoadProcess<StubSfuCalls>(new URL('../stub-sfu.ts', import.meta.url), 'stub SFU', 'first');
    parts.push(stub);
    await stub.call('attach', { address: `${target.host}:${target.nodeControlPort}`, nodeId: 'stub-sfu' });
    const module = new URL('../processes/dialog-process.ts', import.meta.url);
    const dialogs = new LoadProcess<DialogCalls>(module, 'dialogs', 'first');
    parts.push(dialogs);
    await dialogs.call('open', { target, tenants: CROWD_TENANTS, clients, patienceMs: PATIENCE_MS });
    for (let warmed = 0; warmed < WARM_STRETCHES; warmed++) await dialogs.call('run', WARM);
    const cpuMs = () => [gateway.planes.control, stub.pid ?? 0, dialogs.pid ?? 0].map(cpuMsOf);
    return {
      async offer(ratePerSecond, settleMs, countedMs, seed) {
        const durationMs = settleMs + countedMs;
        const [before, sinceMs] = [cpuMs(), monotonicMs()];
        const running = dialogs.call('run', { ratePerSecond, durationMs, settleMs, seed });
        await pause(durationMs);
        const [after, elapsedMs] = [cpuMs(), monotonicMs() - sinceMs];
        const cpu = after.map((ms, index) => (ms - before[index]!) / elapsedMs) as [number, number, number];
        const stretch = { ...stretchOf(await running), ratePerSecond, cpu };
        await pause(REST_MS);
        return stretch;
      },
      residual: async () => (await gateway.figures()).residual,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What runs the gateway with another gate. */
function shedding(share: number): readonly string[] {
  return [`--import=${SHEDDING_GATE.href}?share=${share}`, BIN, 'serve'];
}

function stretchOf(report: DialogReport): Omit<DialogStretch, 'ratePerSecond' | 'cpu'> {
  const { begun, finished, refused, unanswered, lost, noneFree } = report;
  const took = LatencyRecord.decode(report.took);
  const [refusedJoins = 0, ...later] = refused;
  return {
    begun,
    finished,
    refusedJoins,
    refusedLater: sum(later),
    unanswered: sum(unanswered),
    lost,
    noneFree,
    tookP50Ms: took.percentileMs(50),
    tookP99Ms: took.percentileMs(99),
    latenessP99Ms: LatencyRecord.decode(report.lateness).percentileMs(99),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
