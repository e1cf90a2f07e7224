/**
 * A child process that answers calls: load must not share an event loop with what measures it.
 *
 * Invariants: calls are answered in any order, each once; a child exits when its parent's channel closes; a child
 * that dies fails the calls it has not answered.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type LoadPriority, nodeFlags, priorityCommand } from './load-priority.ts';

/** What a child offers: functions of one argument that survives JSON. */
export type Calls = { readonly [name: string]: (argument: never) => unknown };

interface CallMessage {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}
interface ReplyMessage {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}
interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The parent's end. */
export class LoadProcess<C extends Calls> {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #exited: Promise<void>;

  /** Starts `module` (a file URL) at the given priority, and on one CPU only if `cpu` is given. */
  constructor(module: URL, name: string, priority: LoadPriority = 'ordinary', cpu: number | null = null) {
    const file = fileURLToPath(module);
    const stdio: ['ignore', 'inherit', 'inherit', 'ipc'] = ['ignore', 'inherit', 'inherit', 'ipc'];
    this.#name = name;
    const pinned = cpu === null ? [] : ['taskset', '--cpu-list', String(cpu)];
    const [command = '', ...rest] = [
      ...pinned,
      ...priorityCommand(priority),
      process.execPath,
      ...nodeFlags(priority),
      file,
    ];
    this.#child = spawn(command, rest, { stdio });
    this.#child.on('message', (message) => this.#settle(message as ReplyMessage));
    this.#exited = new Promise((resolve) => {
      this.#child.on('error', () => resolve());
      this.#child.on('exit', () => resolve());
    });
    void this.#exited.then(() => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error(`the ${this.#name} process ended`));
      this.#waiting.clear();
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Calls a function of the child. Rejects with its error, or when it ends before it answers. */
  call<K extends keyof C & string>(name: K, argument: Parameters<C[K]>[0]): Promise<Awaited<ReturnType<C[K]>>> {
    const id = this.#nextId++;
    const message: CallMessage = { id, name, argument };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as Awaited<ReturnType<C[K]>>), reject });
      this.#child.send(message, (error) => {
        if (error === null) return;
        this.#waiting.delete(id);
        reject(new Error(`the ${this.#name} process cannot be reached: ${error.message}`));
      });
    });
  }

  /** Ends the child and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 2000);
    await this.#exited;
    clearTimeout(timer);
  }

  #settle(reply: ReplyMessage): void {
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    this.#waiting.delete(reply.id);
    if (reply.error === undefined) waiting.resolve(reply.value);
    else waiting.reject(new Error(`${this.#name}: ${reply.error}`));
  }
}

/** The child's end: answers calls until the parent goes. */
export function answerCalls(calls: Calls): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => void answer(calls, message as CallMessage));
}

async function answer(calls: Calls, { id, name, argument }: CallMessage): Promise<void> {
  let reply: ReplyMessage;
  try {
    const call = calls[name];
    if (!call) throw new Error(`no call named ${name}`);
    reply = { id, value: await call(argument as never) };
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.message : String(error) };
  }
  if (process.connected) process.send?.(reply);
}
