/** What `serve` prints once it is up: what listens where, what of the planes' separation took effect, what to do about the rest. */
import { styleText } from 'node:util';
import type { ClientListener, Config, Listener } from '../config/config.ts';
import { isLoopback } from '../config/demo-config.ts';
import type { CheckedPolicy } from '../config/policy-source.ts';
import { certificateEndMs, hasTls } from '../config/tls-files.ts';
import { type ReceiveBuffer, receiveBufferCommand, TCP_RMEM_BYTES } from './host-limits.ts';
import type { PlaneName } from './plane-link.ts';
import { NICE_STEPS, type ThreadPriorities } from './process-priority.ts';

/** Who has to ask somebody else for a certificate needs days. */
const CERTIFICATE_NOTICE_MS = 14 * 86_400_000;

/** Everything the report is made of. */
export interface StartupFacts {
  readonly version: string;
  readonly config: Config;
  readonly policy: Pick<CheckedPolicy, 'version' | 'name' | 'hash'>;
  readonly startupMs: number;
  readonly planes: readonly {
    readonly plane: PlaneName;
    readonly worker: number;
    readonly pid: number;
    readonly priorities: ThreadPriorities | null;
  }[];
  /** The nice value the planes' steps start from. */
  readonly ownNice: number;
  /** CPUs this container may use; null: no limit. */
  readonly cpuQuota: number | null;
  readonly receiveBuffer: ReceiveBuffer | null;
  /** What there is to say of the demo. */
  readonly demo: readonly string[];
}

/** The report, ready to print. Colours appear only where standard output shows them. */
export function startupReport(facts: StartupFacts): string {
  const { config, version, policy, startupMs } = facts;
  const named = policy.name === '' ? '' : ` "${policy.name}"`;
  const head = `${bold(`Sluice ${version}`)}   gateway ${config.gatewayId}   policy${named} version ${policy.version} (${policy.hash})   up in ${startupMs} ms`;
  const blocks = [[head], listenerLines(facts), planeLines(facts), adviceLines(facts), facts.demo];
  const body = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `\n${body.join('\n\n')}\n\n`;
}

function listenerLines({ config, planes }: StartupFacts): string[] {
  const { signal, metadata, nodeControl, nodeMetadata, operator } = config.listen;
  const rows: string[][] = [];
  if (planes.some(({ plane }) => plane === 'control')) {
    rows.push(
      ['clients', 'signal', `${schemeOf(signal)}://${at(signal)}/v1/signal`],
      ['nodes', 'control', `grpc://${at(nodeControl)}`],
    );
  }
  for (const { plane, worker } of planes) {
    if (plane !== 'metadata') continue;
    const name = config.metadataWorkers > 1 ? `metadata ${worker}` : 'metadata';
    rows.push(['clients', name, `${schemeOf(metadata)}://${at(metadata, 10 * worker)}/v1/metadata`]);
    rows.push(['nodes', name, `grpc://${at(nodeMetadata, 10 * worker)}`]);
  }
  rows.sort(([a = ''], [b = '']) => a.localeCompare(b));
  rows.push(['operators', '', `http://${at(operator)}/   /metrics  /readyz  /v1/status`]);
  return rows.map(([who = '', what = '', where = ''], index) => {
    const shown = who === rows[index - 1]?.[0] ? '' : who;
    return `  ${shown.padEnd(11)}${what.padEnd(12)}${where}`;
  });
}

function planeLines({ planes, cpuQuota, receiveBuffer }: StartupFacts): string[] {
  const rows = planes.map(({ plane, worker, pid, priorities }, index) => {
    const name = plane === 'control' ? 'control' : `metadata ${worker}`;
    return `  ${(index === 0 ? 'planes' : '').padEnd(11)}${name.padEnd(12)}pid ${String(pid).padEnd(8)}${priorityText(priorities)}`;
  });
  const quota = cpuQuota === null ? 'no CPU quota' : `CPU quota ${cpuQuota}`;
  const buffer = receiveBuffer === null ? '' : `   tcp_rmem max ${receiveBuffer.maxBytes}`;
  return [...rows, `  ${'system'.padEnd(11)}${quota}${buffer}`];
}

function priorityText(priorities: ThreadPriorities | null): string {
  if (priorities === null) return 'priority unknown';
  const { least, most, threads, realTime } = priorities;
  if (realTime > 0) return `real-time on its event loop (${realTime} of ${threads} threads)`;
  if (least !== most) return `nice ${signed(least)} to ${signed(most)} over ${threads} threads`;
  return threads === 1 ? `nice ${signed(least)}` : `nice ${signed(least)} on all ${threads} threads`;
}

/** What did not take effect, why that matters and what to do. */
function adviceLines({ planes, ownNice, cpuQuota, receiveBuffer, config }: StartupFacts): string[] {
  const advice: string[][] = [];
  const stepped = (plane: PlaneName) => Math.max(-20, Math.min(19, ownNice + NICE_STEPS[plane]));
  const inPlace = (plane: PlaneName, { least, most, realTime }: ThreadPriorities) =>
    plane === 'control' && config.controlPriority === 'real-time'
      ? realTime > 0
      : least === most && least === stepped(plane);
  const missed = (name: PlaneName) =>
    planes.some(({ plane, priorities }) => plane === name && priorities !== null && !inPlace(plane, priorities));
  if (config.controlPriority !== 'ordinary' && missed('control')) {
    const realTime = config.controlPriority === 'real-time';
    advice.push([
      realTime
        ? 'control does not go before other processes, so that under a flood calls wait some ms for a CPU.'
        : 'control was not raised above other processes: this takes the right to.',
      realTime
        ? 'Grant CAP_SYS_NICE (LimitRTPRIO=1 in its systemd unit), install chrt (util-linux), have two CPUs or more.'
        : 'Grant CAP_SYS_NICE, or LimitNICE=-5 in its systemd unit.',
    ]);
  }
  if (missed('metadata')) {
    advice.push([
      'metadata was not lowered below control, so a flood may delay calls.',
      'Install the nice program (coreutils).',
    ]);
  }
  if (cpuQuota !== null) {
    advice.push([
      'Under a CPU quota nice is void: whoever uses it up stops both planes.',
      'Give each plane its own container: --planes control, --planes metadata.',
    ]);
  }
  if (receiveBuffer !== null && receiveBuffer.maxBytes > TCP_RMEM_BYTES) {
    advice.push([
      'With receive buffers this large, one flooding socket can hold a plane up for long.',
      receiveBufferCommand(receiveBuffer),
    ]);
  }
  const open = Object.entries(config.listen).filter(([name, { host }]) => name.startsWith('node') && !isLoopback(host));
  if (open.length > 0 && config.nodeTokens.length === 0) {
    advice.push([
      'Nodes from other machines are refused, because there are no nodeTokens.',
      'Set nodeTokens, the same here and at the nodes.',
    ]);
  }
  for (const name of ['signal', 'metadata'] as const) {
    const listener = config.listen[name];
    const endMs = hasTls(listener) ? certificateEndMs(listener) : Number.POSITIVE_INFINITY;
    if (endMs - Date.now() > CERTIFICATE_NOTICE_MS) continue;
    advice.push([
      `The certificate of listen.${name} is not valid after ${new Date(endMs).toISOString().slice(0, 10)}.`,
      `Put another one in ${listener.tls.certFile} and start again: it is read at start only.`,
    ]);
  }
  return advice.flatMap(([what = '', remedy = '']) => [`  ${yellow('!')} ${what}`, `    ${remedy}`]);
}

function schemeOf(listener: ClientListener): string {
  return hasTls(listener) ? 'wss' : 'ws';
}

/** `host:port` as one would type it on this machine. */
function at({ host, port }: Listener, offset = 0): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port + offset}`;
}

function signed(value: number): string {
  return value < 0 ? `−${-value}` : String(value);
}

function bold(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}

function yellow(text: string): string {
  return styleText('yellow', text, { stream: process.stdout });
}
