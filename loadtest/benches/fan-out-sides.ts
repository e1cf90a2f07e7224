/**
 * The three ways to fan out that are compared: how a subscriber connects to each, how an event is written, and how
 * many deliveries a received message holds. Everything else of the benchmark is the same for all.
 */
import { AckPacer } from '../../gateway/client/ack-pacer.ts';
import { Kind } from '../../schemas/kinds.ts';
import { proto } from '../../schemas/proto.ts';
import { TokenSigner } from '../access-token.ts';
import type { BareCalls } from '../baselines/bare-server.ts';
import type { SocketIoCalls } from '../baselines/socket-io-room.ts';
import { CROWD_TENANTS, startGateway } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { DeliveryScan } from '../wire/delivery-scan.ts';
import { AddressGroup, loopbackAddress } from '../wire/load-target.ts';
import { encodeSignal } from '../wire/signal-message.ts';
import { openWire, type WireSocket } from '../wire/wire-socket.ts';

/** Counts what arrives. */
export interface Received {
  deliveries: number;
  messages: number;
}

/** One way to fan out. */
export interface FanOutSide {
  readonly name: string;
  /** Process whose CPU time is measured. */
  readonly pid: number;
  subscribe(room: number, number: number, received: Received): Promise<WireSocket>;
  publisher(room: number, number: number): Promise<WireSocket>;
  /** One event as a publisher writes it. */
  readonly event: Uint8Array;
  stop(): Promise<void>;
}

const PAYLOAD = Buffer.from('so the load goes on and on and on, sixty bytes at a time ...');
const ADDRESSES = 200;
const frame = proto.Frame.encode({ kind: Kind.custom, custom: { type: 'bench', payload: PAYLOAD } }).finish();
const scan = new DeliveryScan();
const ignore = { message: () => {}, closed: () => {} };

/** Our metadata worker. */
export async function sluiceSide(): Promise<FanOutSide> {
  const gateway = await startGateway();
  const { target } = gateway;
  const signer = new TokenSigner(target.key);
  const open = async (identity: string, room: number, number: number, canSubscribe: boolean, received?: Received) => {
    // Each tenant may make so many handshakes a second, so rooms are spread over them.
    const accessToken = await signer.sign({
      identity,
      room: `fan-${room}`,
      tenant: CROWD_TENANTS[room % CROWD_TENANTS.length]!,
      kind: 'agent',
      canSubscribe,
    });
    const { host, metadataPort: port } = target;
    const localAddress = loopbackAddress(AddressGroup.listeners, number, ADDRESSES);
    const acks = new AckPacer();
    const socket: WireSocket = await openWire(
      { host, port, path: '/v1/metadata', accessToken, localAddress },
      {
        closed: () => {},
        message(bytes, start, end) {
          if (!received) return;
          const before = received.deliveries;
          scan.frames(bytes, start, end, () => {
            if (scan.kind === Kind.custom) received.deliveries++;
          });
          if (scan.batchNumber === 0) return;
          received.messages++;
          if (!acks.received(received.deliveries - before)) return;
          socket.write(clientFrame(encodeSignal(false, 'ack', { upTo: scan.batchNumber })));
        },
      },
    );
    return socket;
  };
  return {
    name: 'metadata worker',
    pid: gateway.planes.metadata,
    subscribe: (room, number, received) => open(`subscriber-${number}`, room, number, true, received),
    publisher: (room, number) => open(`publisher-${number}`, room, number, false),
    event: clientFrame(frame),
    stop: () => gateway.stop(),
  };
}

/** One `ws.send` per event and subscriber, in uWebSockets.js. */
export async function sendLoopSide(): Promise<FanOutSide> {
  const server = new LoadProcess<BareCalls>(new URL('../baselines/bare-server.ts', import.meta.url), 'send loop');
  const port = await server.call('listen', 'fan-out');
  const at = { host: '127.0.0.1', port };
  return {
    name: 'ws.send per event',
    pid: server.pid ?? 0,
    subscribe: (room, _number, received) =>
      openWire(
        { ...at, path: `/fan-${room}?listen=1` },
        {
          closed: () => {},
          message(bytes, start, end) {
            scan.frame(bytes, start, end);
            received.deliveries++;
            received.messages++;
          },
        },
      ),
    publisher: (room) => openWire({ ...at, path: `/fan-${room}` }, ignore),
    event: clientFrame(frame),
    stop: () => server.stop(),
  };
}

/** A socket.io room. */
export async function socketIoSide(): Promise<FanOutSide> {
  const server = new LoadProcess<SocketIoCalls>(
    new URL('../baselines/socket-io-room.ts', import.meta.url),
    'socket.io',
  );
  const port = await server.call('listen', null);
  const open = async (room: number, query: string, received?: Received) => {
    let connected = () => {};
    const welcome = new Promise<void>((resolve) => {
      connected = resolve;
    });
    // Engine.IO in a nutshell: "0" opens, "2" pings, "4" is a message; Socket.IO inside it: "0" connects, "2" is an event.
    const socket: WireSocket = await openWire(
      { host: '127.0.0.1', port, path: `/socket.io/?EIO=4&transport=websocket&room=${room}${query}` },
      {
        closed: () => {},
        message(bytes, start, end) {
          const [type, inner] = [bytes[start], bytes[start + 1]];
          if (type === 0x30) socket.send('40');
          else if (type === 0x32) socket.send('3');
          else if (type === 0x34 && inner === 0x30) connected();
          else if (received && end > start) {
            received.deliveries++;
            received.messages++;
          }
        },
      },
    );
    await welcome;
    return socket;
  };
  return {
    name: 'socket.io room',
    pid: server.pid ?? 0,
    subscribe: (room, _number, received) => open(room, '&listen=1', received),
    publisher: (room) => open(room, ''),
    event: clientFrame(`42["publish",{"type":"bench","payload":"${PAYLOAD.toString()}"}]`),
    stop: () => server.stop(),
  };
}
