/**
 * uWebSockets.js with nothing on top, in a process of its own: the ceiling everything else is compared with.
 * This and its neighbours are the only files outside gateway/edge that import uWebSockets.js.
 *
 * `sink` counts messages, `echo` sends each back, `fan-out` sends each to every socket of the same path with one
 * `send` per event and subscriber, the straightforward way. Every path is accepted, without a token.
 */

import type { us_listen_socket, WebSocket } from 'uWebSockets.js';
import { App, LIBUS_LISTEN_EXCLUSIVE_PORT, us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js';
import { monotonicMs } from '../clock.ts';
import { answerCalls } from '../processes/load-process.ts';

export type BareMode = 'sink' | 'echo' | 'fan-out';

/** What the server has seen. */
export interface BareReport {
  readonly frames: number;
  readonly bytes: number;
  readonly sockets: number;
  /** CPU time of the process, ms. */
  readonly cpuMs: number;
  /** When this was true, machine clock: a held loop answers late. */
  readonly atMs: number;
}

interface BareClient {
  readonly path: string;
  /** Whether it is sent what others write to the path. */
  readonly listens: boolean;
}

/** A listening server. */
export interface BareServer {
  readonly port: number;
  report(): BareReport;
  stop(): void;
}

/** Listens on a free port. */
export function listenBare(mode: BareMode): Promise<BareServer> {
  let [frames, bytes, sockets] = [0, 0, 0];
  const open = new Set<WebSocket<BareClient>>();
  const rooms = new Map<string, Set<WebSocket<BareClient>>>();
  const app = App();
  app.ws<BareClient>('/*', {
    maxPayloadLength: 262_144,
    idleTimeout: 0,
    upgrade(response, request, context) {
      response.upgrade(
        { path: request.getUrl(), listens: request.getQuery('listen') !== undefined },
        request.getHeader('sec-websocket-key'),
        request.getHeader('sec-websocket-protocol').split(',')[0]!,
        request.getHeader('sec-websocket-extensions'),
        context,
      );
    },
    open(socket) {
      sockets++;
      open.add(socket);
      const { path, listens } = socket.getUserData();
      if (listens) rooms.set(path, (rooms.get(path) ?? new Set()).add(socket));
    },
    message(socket, message, isBinary) {
      frames++;
      bytes += message.byteLength;
      if (mode === 'echo') socket.send(message, isBinary);
      else if (mode === 'fan-out') {
        for (const other of rooms.get(socket.getUserData().path) ?? []) other.send(message, isBinary);
      }
    },
    close(socket) {
      sockets--;
      open.delete(socket);
      rooms.get(socket.getUserData().path)?.delete(socket);
    },
  });
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, LIBUS_LISTEN_EXCLUSIVE_PORT, (listening: us_listen_socket | false) => {
      if (!listening) {
        reject(new Error('the bare server found no free port'));
        return;
      }
      resolve({
        port: us_socket_local_port(listening),
        report() {
          const { user, system } = process.cpuUsage();
          return { frames, bytes, sockets, cpuMs: (user + system) / 1000, atMs: monotonicMs() };
        },
        stop() {
          us_listen_socket_close(listening);
          for (const socket of open) socket.close();
        },
      });
    });
  });
}

/** What the bare server's process offers. */
export type BareCalls = {
  listen(mode: BareMode): Promise<number>;
  report(nothing: null): BareReport;
};

if (process.argv[1] === import.meta.filename && process.send) {
  let server: BareServer | null = null;
  const present = () => {
    if (!server) throw new Error('nothing listens yet');
    return server;
  };
  const calls: BareCalls = {
    async listen(mode) {
      server = await listenBare(mode);
      return server.port;
    },
    report: () => present().report(),
  };
  answerCalls(calls);
}
