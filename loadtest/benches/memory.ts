/**
 * Memory of an idle session with both sockets open and its room joined, beside two bare uWebSockets.js sockets: the
 * growth of resident memory over many sessions, planes together, divided by their number. Resident memory includes
 * what the collector has not yet given back, so several steps are taken and the steepest first one is left out.
 */
import { TokenSigner } from '../access-token.ts';
import type { BareCalls } from '../baselines/bare-server.ts';
import { pause } from '../clock.ts';
import { startGateway } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import { residentBytesOf } from '../processes/process-figures.ts';
import type { StubSfuCalls } from '../stub-sfu.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { encodeSignal } from '../wire/signal-message.ts';
import { openWire, type WireSocket } from '../wire/wire-socket.ts';
import type { Bench, Print } from './bench-result.ts';

const STEP_SESSIONS = 1000;
const STEPS = 4;
const SESSIONS_PER_ROOM = 4;
const SETTLE_MS = 4000;
const ADDRESSES = 200;
const OPEN_AT_ONCE = 20;

/** The benchmark. */
export const memoryBench: Bench = {
  name: 'memory',
  about: 'memory per idle session, both sockets open, against bare sockets',
  async run(print) {
    const gateway = await startGateway();
    const bare = new LoadProcess<BareCalls>(new URL('../baselines/bare-server.ts', import.meta.url), 'bare');
    const stub = new LoadProcess<StubSfuCalls>(new URL('../stub-sfu.ts', import.meta.url), 'stub SFU');
    const sockets: WireSocket[] = [];
    try {
      const { target, planes } = gateway;
      await stub.call('attach', { address: `${target.host}:${target.nodeControlPort}`, nodeId: 'stub-sfu' });
      const port = await bare.call('listen', 'sink');
      const bareTarget = { ...target, signalPort: port, metadataPort: port };
      const ourPids = [planes.control, planes.metadata];
      const ours = await bytesPerSession(print, 'gateway', target, ourPids, true, sockets);
      const other = await bytesPerSession(print, 'bare', bareTarget, [bare.pid ?? 0], false, sockets);
      const moreKb = (ours - other) / 1024;
      return [
        {
          what: 'idle session, signalling and metadata socket open, room joined',
          ours: ours / 1024,
          other: other / 1024,
          beside: 'two bare sockets',
          unit: 'KB',
          ratio: `${moreKb.toFixed(1)} KB above`,
          target: '≤ 8 KB above',
          met: moreKb <= 8,
        },
      ];
    } finally {
      for (const socket of sockets) socket.destroy();
      for (const part of [stub, bare, gateway]) await part.stop();
    }
  },
};

/** Bytes each session adds, by the growth from the first step's end to the last's. */
async function bytesPerSession(
  print: Print,
  name: string,
  target: LoadTarget,
  pids: readonly number[],
  join: boolean,
  sockets: WireSocket[],
): Promise<number> {
  const signer = new TokenSigner(target.key);
  const resident: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const last = (step + 1) * STEP_SESSIONS;
    for (let first = step * STEP_SESSIONS; first < last; first += OPEN_AT_ONCE) {
      const opened = Array.from({ length: OPEN_AT_ONCE }, (_, index) =>
        openSession(signer, target, first + index, join, sockets),
      );
      await Promise.all(opened);
    }
    await pause(SETTLE_MS);
    const bytes = pids.reduce((sum, pid) => sum + residentBytesOf(pid), 0);
    resident.push(bytes);
    print(`  ${name}: ${last} sessions, ${(bytes / 1024 / 1024).toFixed(1)} MB resident`);
  }
  return (resident.at(-1)! - resident[0]!) / ((STEPS - 1) * STEP_SESSIONS);
}

async function openSession(
  signer: TokenSigner,
  { host, signalPort, metadataPort }: LoadTarget,
  number: number,
  join: boolean,
  sockets: WireSocket[],
): Promise<void> {
  const room = `quiet-${Math.floor(number / SESSIONS_PER_ROOM)}`;
  // Rooms are spread over the tenants: each of them may make so many handshakes a second.
  const tenant = `crowd-${Math.floor(number / SESSIONS_PER_ROOM) % 8}`;
  const accessToken = await signer.sign({ identity: `quiet-${number}`, tenant, room });
  const localAddress = loopbackAddress(AddressGroup.callers, number, ADDRESSES);
  const silent = { message: () => {}, closed: () => {} };
  const at = { host, accessToken, localAddress };
  let joined = () => {};
  const answered = new Promise<void>((resolve) => {
    joined = resolve;
  });
  let messages = 0;
  const onSignal = { ...silent, message: () => void (++messages === 2 && joined()) };
  const signal = await openWire({ ...at, port: signalPort, path: '/v1/signal' }, onSignal);
  const metadata = await openWire({ ...at, port: metadataPort, path: '/v1/metadata' }, silent);
  sockets.push(signal, metadata);
  if (!join) return;
  signal.write(clientFrame(encodeSignal(false, 'join', { id: 1, room })));
  await answered;
}
