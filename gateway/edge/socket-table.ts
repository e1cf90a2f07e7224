/** The open sockets by their index. Invariant: an index is free only once its socket's `closed` has returned. */
import type { OpenSocket } from './open-socket.ts';

export class SocketTable<S> {
  readonly #sockets: (OpenSocket<S> | null)[] = [];
  readonly #free: number[] = [];
  size = 0;

  /** An index no open socket has: the one freed last, else the next. */
  reserve(): number {
    const index = this.#free.pop() ?? this.#sockets.length;
    if (index === this.#sockets.length) this.#sockets.push(null);
    return index;
  }

  set(socket: OpenSocket<S>): void {
    this.#sockets[socket.index] = socket;
    this.size += 1;
  }

  release(socket: OpenSocket<S>): void {
    this.#sockets[socket.index] = null;
    this.#free.push(socket.index);
    this.size -= 1;
  }

  /** Visits every open socket; it may end any of them meanwhile. */
  forEach(visit: (socket: OpenSocket<S>) => void): void {
    for (let index = 0; index < this.#sockets.length; index += 1) {
      const socket = this.#sockets[index];
      if (socket?.open) visit(socket);
    }
  }
}
