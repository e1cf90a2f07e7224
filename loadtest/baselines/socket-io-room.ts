/**
 * A socket.io server with rooms, in a process of its own: the peer that most gateways of this kind are built on.
 * WebSocket transport only, no compression, as fast as it is delivered.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { answerCalls } from '../processes/load-process.ts';

/** What its process offers. */
export type SocketIoCalls = {
  listen(nothing: null): Promise<number>;
};

/** Listens on a free port. A client names its room in the query; what it publishes goes to the room's listeners. */
export function listenSocketIo(): Promise<number> {
  const http = createServer();
  const server = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
  server.on('connection', (socket) => {
    const room = String(socket.handshake.query.room);
    if (socket.handshake.query.listen !== undefined) void socket.join(room);
    socket.on('publish', (event) => {
      server.to(room).emit('event', event);
    });
  });
  return new Promise((resolve) => {
    http.listen(0, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
}

if (process.argv[1] === import.meta.filename && process.send) {
  const calls: SocketIoCalls = { listen: () => listenSocketIo() };
  answerCalls(calls);
}
