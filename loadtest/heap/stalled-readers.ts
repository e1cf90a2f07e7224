/**
 * Readers of the lasting rooms that acknowledge the first batch and then read no more, until they are let go and come back to
 * do it again: their kernel's buffers fill, then the gateway's.
 */
import { WebSocket } from 'ws';
import { decodeFrame, encodeBinaryFrame, isFrameError } from '../../schemas/frame-codec.ts';
import { Kind } from '../../schemas/kinds.ts';
import { LASTING_ROOMS, lastingRoom } from './endless-agents.ts';
import type { HeapClients } from './heap-clients.ts';

const READERS = 40;
const BACK_MS = 1000;
/** Whoever does not read does not see the end of its connection either: it looks after so long. */
const LOOK_MS = 45_000;

export class StalledReaders {
  /** How often one came back. */
  returns = 0;
  readonly #clients: HeapClients;
  readonly #tenants: readonly string[];
  readonly #sockets: (WebSocket | undefined)[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(clients: HeapClients, tenants: readonly string[]) {
    this.#clients = clients;
    this.#tenants = tenants;
  }

  async start(): Promise<void> {
    await Promise.all(Array.from({ length: READERS }, (_, number) => this.#read(number)));
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket?.terminate();
  }

  async #read(number: number): Promise<void> {
    const identity = `stalled-${number}`;
    const at = lastingRoom(number % LASTING_ROOMS, this.#tenants);
    const { url, accessToken } = await this.#clients.address({ ...at, identity, agent: false });
    if (this.#stopped) return;
    const socket = new WebSocket(url, ['sluice.v1.protobuf', `bearer.${accessToken}`], { perMessageDeflate: false });
    this.#sockets[number] = socket;
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => {
      const frame = decodeFrame(data, false, true);
      if (isFrameError(frame) || !frame.batch) return;
      socket.send(encodeBinaryFrame({ kind: Kind.ack, ack: { upTo: frame.batch.number ?? 0 } }));
      socket.pause();
      this.#after(LOOK_MS, () => socket.terminate());
    });
    socket.once('close', () => this.#after(BACK_MS, () => this.#again(number)));
  }

  #again(number: number): void {
    this.returns++;
    this.#read(number).catch(() => this.#after(BACK_MS, () => this.#again(number)));
  }

  #after(ms: number, run: () => void): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }
}
