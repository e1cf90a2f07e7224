/**
 * The clients of the three ways to fan out that are compared: how a subscriber connects to each, how an event is written, and
 * how many deliveries a received message holds. Everything else of the benchmark is the same for all.
 */
import { AckPacer } from '../../gateway/client/ack-pacer.ts';
import { Kind } from '../../schemas/kinds.ts';
import { proto } from '../../schemas/proto.ts';
import { TokenSigner } from '../access-token.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { DeliveryScan } from '../wire/delivery-scan.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { encodeSignal } from '../wire/signal-message.ts';
import { openWire, type WireSocket } from '../wire/wire-socket.ts';

/** Counts what arrives. */
export interface Received {
  deliveries: number;
  messages: number;
}

/** Where clients connect to, and as whose. */
export type FanOutTarget =
  | { readonly kind: 'sluice'; readonly target: LoadTarget; readonly tenants: readonly string[] }
  | { readonly kind: 'sendLoop' | 'socketIo'; readonly port: number };

/** Clients of one way to fan out. */
export interface FanOutClients {
  subscribe(room: number, number: number, received: Received): Promise<WireSocket>;
  publisher(room: number, number: number): Promise<WireSocket>;
  /** One event as a publisher writes it. */
  readonly event: Uint8Array;
}

const PAYLOAD = Buffer.from('so the load goes on and on and on, sixty bytes at a time ...');
const ADDRESSES = 200;
const frame = proto.Frame.encode({ kind: Kind.custom, custom: { type: 'bench', payload: PAYLOAD } }).finish();
const scan = new DeliveryScan();
const ignore = { message: () => {}, closed: () => {} };

/** Clients of what is at the target. */
export function fanOutClients(at: FanOutTarget): FanOutClients {
  if (at.kind === 'sluice') return sluiceClients(at.target, at.tenants);
  return at.kind === 'sendLoop' ? sendLoopClients(at.port) : socketIoClients(at.port);
}

/** Those of our metadata worker. */
function sluiceClients(target: LoadTarget, tenants: readonly string[]): FanOutClients {
  const signer = new TokenSigner(target.key);
  const open = async (identity: string, room: number, number: number, canSubscribe: boolean, received?: Received) => {
    // Each tenant may make so many handshakes a second, so rooms are spread over them.
    const accessToken = await signer.sign({
      identity,
      room: `fan-${room}`,
      tenant: tenants[room % tenants.length]!,
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
    subscribe: (room, number, received) => open(`subscriber-${number}`, room, number, true, received),
    publisher: (room, number) => open(`publisher-${number}`, room, number, false),
    event: clientFrame(frame),
  };
}

/** Those of one `ws.send` per event and subscriber. */
function sendLoopClients(port: number): FanOutClients {
  const at = { host: '127.0.0.1', port };
  return {
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
  };
}

/** Those of a socket.io room. */
function socketIoClients(port: number): FanOutClients {
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
    subscribe: (room, _number, received) => open(room, '&listen=1', received),
    publisher: (room) => open(room, ''),
    event: clientFrame(`42["publish",{"type":"bench","payload":"${PAYLOAD.toString()}"}]`),
  };
}
