/**
 * The three ways to fan out that are compared, as processes. The baselines have the priority of the metadata worker; the
 * clients of all, one after the other, are in a process that goes behind: who is written to must not interrupt who writes.
 */
import type { BareCalls } from '../baselines/bare-server.ts';
import type { SocketIoCalls } from '../baselines/socket-io-room.ts';
import { CROWD_TENANTS, startGateway } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import type { FanOutTarget } from './fan-out-clients.ts';

/** One way to fan out. */
export interface FanOutSide {
  readonly name: string;
  /** Process whose CPU time is measured. */
  readonly pid: number;
  readonly at: FanOutTarget;
  stop(): Promise<void>;
}

/** Our metadata worker. */
export async function sluiceSide(): Promise<FanOutSide> {
  const gateway = await startGateway();
  return {
    name: 'metadata worker',
    pid: gateway.planes.metadata,
    at: { kind: 'sluice', target: gateway.target, tenants: CROWD_TENANTS },
    stop: () => gateway.stop(),
  };
}

/** One `ws.send` per event and subscriber, in uWebSockets.js. */
export async function sendLoopSide(): Promise<FanOutSide> {
  const module = new URL('../baselines/bare-server.ts', import.meta.url);
  const server = new LoadProcess<BareCalls>(module, 'send loop', 'metadata');
  const port = await server.call('listen', 'fan-out');
  return {
    name: 'ws.send per event',
    pid: server.pid ?? 0,
    at: { kind: 'sendLoop', port },
    stop: () => server.stop(),
  };
}

/** A socket.io room. */
export async function socketIoSide(): Promise<FanOutSide> {
  const module = new URL('../baselines/socket-io-room.ts', import.meta.url);
  const server = new LoadProcess<SocketIoCalls>(module, 'socket.io', 'metadata');
  const port = await server.call('listen', null);
  return {
    name: 'socket.io room',
    pid: server.pid ?? 0,
    at: { kind: 'socketIo', port },
    stop: () => server.stop(),
  };
}
