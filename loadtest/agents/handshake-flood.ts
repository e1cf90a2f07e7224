/**
 * Handshakes without a token: connect, ask for an upgrade, read the refusal, and again, many at a time.
 *
 * Invariant: `concurrency` attempts are always under way, and each is counted once by the status it got.
 */
import { connect } from 'node:net';
import { monotonicMs, pause } from '../clock.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { type Flood, FloodCount, type FloodReport } from './flood-report.ts';

export interface HandshakeFloodStart {
  readonly target: LoadTarget;
  readonly concurrency: number;
  readonly addresses: number;
}

const TIMEOUT_MS = 2000;
const STATUS_AT = 'HTTP/1.1 '.length;

/** Starts the flood. */
export function floodHandshakes({ target, concurrency, addresses }: HandshakeFloodStart): Flood {
  const count = new FloodCount(monotonicMs());
  const { host, signalPort: port } = target;
  const request = Buffer.from(
    [
      'GET /v1/signal HTTP/1.1',
      `Host: ${host}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Protocol: sluice.v1.protobuf',
      '\r\n',
    ].join('\r\n'),
  );
  let stopped = false;
  let number = 0;

  const attempt = () =>
    new Promise<void>((resolve) => {
      const localAddress = loopbackAddress(AddressGroup.handshakes, number++, addresses);
      const socket = connect({ host, port, localAddress });
      let status = 'none';
      count.writtenFrames++;
      count.writtenBytes += request.length;
      socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
      socket.on('connect', () => {
        count.connections++;
        socket.write(request);
      });
      socket.on('data', (bytes: Buffer) => {
        if (status === 'none') status = bytes.toString('latin1', STATUS_AT, STATUS_AT + 3);
        socket.destroy();
      });
      socket.on('end', () => socket.destroy());
      socket.on('error', (error: NodeJS.ErrnoException) => {
        status = error.code ?? 'error';
      });
      socket.on('close', () => {
        count.refuse(status);
        resolve();
      });
    });
  const knock = async () => {
    while (!stopped) await attempt();
  };
  for (let index = 0; index < concurrency; index++) void knock();
  return {
    async stop(): Promise<FloodReport> {
      stopped = true;
      const report = count.report(monotonicMs());
      await pause(50);
      return { ...report, intendedFrames: report.writtenFrames };
    },
  };
}
