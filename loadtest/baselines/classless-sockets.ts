/** The sockets of the classless gateway: uWebSockets.js with nothing between a message and what is done about it. */
import {
  App,
  LIBUS_LISTEN_EXCLUSIVE_PORT,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
  type WebSocket,
} from 'uWebSockets.js';

/** What is kept with a socket. Identity and room are taken from the access token, unchecked. */
export interface PlainClient {
  readonly session: string;
  readonly identity: string;
  readonly json: boolean;
  readonly signal: boolean;
  /** Room of the token; of signalling sockets, the room joined. */
  room: string;
  /** The envelope field `from`, encoded, to be put at the end of a frame of this client. */
  readonly fromField: Uint8Array;
}

export type PlainSocket = WebSocket<PlainClient>;

export interface PlainListener {
  opened(socket: PlainSocket): void;
  received(socket: PlainSocket, bytes: Uint8Array): void;
  closed(socket: PlainSocket): void;
}

/** The running listener. */
export interface PlainServer {
  readonly port: number;
  /** Sends to everybody in a room's topic but `sender`. */
  publish(topic: string, message: Uint8Array): void;
  stop(): void;
}

const TAG_FROM = 0x1a;
const MAX_BUFFERED = 64 * 1_048_576;

/** Listens for both kinds of sockets on one free port. */
export function listenForClients(listener: PlainListener): Promise<PlainServer> {
  const app = App();
  const open = new Set<PlainSocket>();
  let sessions = 0;
  app.ws<PlainClient>('/v1/*', {
    maxPayloadLength: 262_144,
    maxBackpressure: MAX_BUFFERED,
    idleTimeout: 0,
    upgrade(response, request, context) {
      const { identity, room } = claimsOf(request.getHeader('authorization'));
      const subprotocol = request.getHeader('sec-websocket-protocol').split(',')[0]!.trim();
      if (identity === '') {
        response.writeStatus('401 Unauthorized').end();
        return;
      }
      const client: PlainClient = {
        session: `plain-${++sessions}`,
        identity,
        json: subprotocol === 'sluice.v1.json',
        signal: request.getUrl() === '/v1/signal',
        room,
        fromField: fromFieldOf(identity),
      };
      const key = request.getHeader('sec-websocket-key');
      response.upgrade(client, key, subprotocol, request.getHeader('sec-websocket-extensions'), context);
    },
    open(socket) {
      open.add(socket);
      listener.opened(socket);
    },
    message: (socket, message) => listener.received(socket, new Uint8Array(message)),
    close(socket) {
      open.delete(socket);
      listener.closed(socket);
    },
  });
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, LIBUS_LISTEN_EXCLUSIVE_PORT, (listening: us_listen_socket | false) => {
      if (!listening) {
        reject(new Error('the classless gateway found no free port'));
        return;
      }
      resolve({
        port: us_socket_local_port(listening),
        publish: (topic, message) => void app.publish(topic, message, true),
        stop() {
          us_listen_socket_close(listening);
          for (const socket of open) socket.close();
        },
      });
    });
  });
}

function claimsOf(authorization: string): { identity: string; room: string } {
  try {
    const payload = authorization.split('.')[1] ?? '';
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      sub?: string;
      video?: { room?: string };
    };
    return { identity: claims.sub ?? '', room: claims.video?.room ?? '' };
  } catch {
    return { identity: '', room: '' };
  }
}

function fromFieldOf(identity: string): Uint8Array {
  const name = Buffer.from(identity).subarray(0, 127);
  return Uint8Array.of(TAG_FROM, name.length, ...name);
}
