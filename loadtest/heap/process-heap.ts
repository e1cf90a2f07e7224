/**
 * The heap of another Node process after a collection, by its inspector, which SIGUSR1 opens. The process must have been
 * started with `INSPECTABLE` in its environment, so that it opens on a free port, and what it prints must be readable.
 */
import { pause } from '../clock.ts';

/** Lets processes started with it be looked into, each on a port of its own. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect-port=127.0.0.1:0' };
const PATIENCE_MS = 10_000;
/** What the first collection finalises, the second one frees. */
const COLLECTIONS = 2;

/** Bytes, after a collection. */
export interface HeapSeen {
  readonly heap: number;
  readonly external: number;
  readonly resident: number;
}

export class ProcessHeap {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
      this.#waiting.get(id ?? 0)?.(result);
      this.#waiting.delete(id ?? 0);
    });
  }

  /** Opens the inspector of process `pid`; `printed` is what it has said so far. Rejects when it says nothing of one. */
  static async open(pid: number, printed: () => string): Promise<ProcessHeap> {
    process.kill(pid, 'SIGUSR1');
    for (const endMs = performance.now() + PATIENCE_MS; performance.now() < endMs; await pause(50)) {
      const url = /Debugger listening on (ws:\S+)/.exec(printed())?.[1];
      if (url === undefined) continue;
      const socket = new WebSocket(url);
      await new Promise((resolve, reject) => {
        socket.addEventListener('open', resolve);
        socket.addEventListener('error', () => reject(new Error(`${url} cannot be reached`)));
      });
      return new ProcessHeap(socket);
    }
    throw new Error(`process ${pid} opened no inspector`);
  }

  /** Collects, and tells what is left. */
  async collected(): Promise<HeapSeen> {
    for (let count = 0; count < COLLECTIONS; count++) await this.#ask('HeapProfiler.collectGarbage', {});
    const expression = 'JSON.stringify(process.memoryUsage())';
    const { result } = (await this.#ask('Runtime.evaluate', { expression })) as { result: { value: string } };
    const { heapUsed, external, rss } = JSON.parse(result.value) as NodeJS.MemoryUsage;
    return { heap: heapUsed, external, resident: rss };
  }

  close(): void {
    this.#socket.close();
  }

  #ask(method: string, params: object): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error(`${method} was not answered`)), PATIENCE_MS);
      this.#waiting.set(id, (result) => {
        clearTimeout(patience);
        resolve(result);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
