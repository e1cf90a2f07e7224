/**
 * A node's side of NodeControl: takes the gateway's commands, answers each, and says what the node has to say.
 *
 *     command ─► its session's queue ─► the node's own function ─► NodeReply
 *
 * Invariants: every command with a number gets one reply when it ends, on the stream it came by; a function that throws
 * makes an error reply and nothing else; commands of one session run in order, of different sessions side by side;
 * `cancel` and `interrupt` overtake, or they could not stop what is running.
 */
import type { NodeCommand, NodeEvent, NodeHello, NodeReply, NodeSignal } from '../../schemas/proto.ts';
import { nodeControlService } from '../../schemas/services.ts';
import type { ReconnectDelay } from '../client/reconnect-delay.ts';
import { CommandQueue } from './command-queue.ts';
import { KeptStream } from './kept-stream.ts';

type Action<K extends keyof NodeCommand> = NonNullable<NodeCommand[K]>;
type Done = void | Promise<void>;

export type OpenSession = Action<'open'>;
export type CloseSession = Action<'close'>;
export type MuteTrack = Action<'mute'>;
export type NodeRequest = Action<'request'>;
export type CandidateOf = Action<'candidate'>;
export type GatewayHello = Action<'gateway'>;
export type NodeHeartbeat = NonNullable<NodeEvent['heartbeat']>;

/** What a node does for the gateway. What is left out is answered `unsupported`. Throw a `CommandError` to refuse. */
export interface CommandTable {
  open?(open: OpenSession): Done;
  close?(close: CloseSession): Done;
  /** Resolves to the answer. */
  offer?(offer: NodeSignal): NodeSignal | Promise<NodeSignal>;
  answer?(answer: NodeSignal): Done;
  candidate?(candidate: CandidateOf): Done;
  mute?(mute: MuteTrack): Done;
  request?(request: NodeRequest): Done;
  cancel?(cancel: Action<'cancel'>): Done;
  interrupt?(interrupt: Action<'interrupt'>): Done;
  bypass?(bypass: Action<'bypass'>): Done;
  prewarm?(prewarm: Action<'prewarm'>): Done;
  advice?(advice: Action<'advice'>): Done;
  move?(move: Action<'move'>): Done;
}

/** A refusal with the word the gateway passes on. */
export class CommandError extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface NodeControlOptions {
  /** The gateway's NodeControl, `host:port`. */
  readonly address: string;
  readonly nodeToken?: string | undefined;
  readonly hello: NodeHello;
  readonly commands: CommandTable;
  /** Asked every `heartbeatMs` (default 1000). */
  readonly heartbeat: () => NodeHeartbeat;
  readonly heartbeatMs?: number | undefined;
  /** The gateway is there, for the first time or again. */
  readonly attached?: ((gateway: GatewayHello) => void) | undefined;
  /** The stream has ended, or could not be had. */
  readonly detached?: ((reason: string, retryMs: number) => void) | undefined;
  readonly delay?: ReconnectDelay | undefined;
}

/** Time a command may hold its session when the gateway does not say. */
const DEFAULT_LIMIT_MS = 10_000;
const HEARTBEAT_MS = 1000;

type ActionName = keyof CommandTable;
const ACTIONS: readonly ActionName[] = [
  'open',
  'close',
  'offer',
  'answer',
  'candidate',
  'mute',
  'request',
  'cancel',
  'interrupt',
  'bypass',
  'prewarm',
  'advice',
  'move',
];
const OVERTAKING: readonly ActionName[] = ['cancel', 'interrupt'];
/** Worth doing even when the caller has given up: they undo things. */
const NEVER_LATE: readonly ActionName[] = ['close', 'cancel', 'interrupt'];

export class NodeControl {
  readonly #options: NodeControlOptions;
  readonly #stream: KeptStream<NodeEvent, NodeCommand>;
  readonly #queue = new CommandQueue();
  readonly #heartbeat: NodeJS.Timeout;

  /** Dials at once and for ever, until `stop()`. */
  constructor(options: NodeControlOptions) {
    this.#options = options;
    const { address, nodeToken, delay } = options;
    this.#stream = new KeptStream(
      { address, nodeToken, delay, method: nodeControlService.attach },
      {
        opened: () => this.#opened(),
        received: (command) => this.#received(command),
        drained: () => {},
        closed: (reason, retryMs) => options.detached?.(reason, retryMs),
      },
    );
    this.#heartbeat = setInterval(() => this.#beat(), options.heartbeatMs ?? HEARTBEAT_MS);
  }

  get attached(): boolean {
    return this.#stream.open;
  }

  /** Offers to a session unasked; false when no gateway is there to hear it. */
  offer(offer: NodeSignal): boolean {
    return this.#stream.write({ offer });
  }

  answer(answer: NodeSignal): boolean {
    return this.#stream.write({ answer });
  }

  candidate(candidate: CandidateOf): boolean {
    return this.#stream.write({ candidate });
  }

  /** Says that the node will be gone in `afterMs` and wants no new rooms. */
  drain(afterMs: number): boolean {
    return this.#stream.write({ drain: { afterMs } });
  }

  /** Ends the stream for good. */
  stop(): void {
    clearInterval(this.#heartbeat);
    this.#stream.stop();
  }

  #opened(): void {
    this.#stream.write({ hello: this.#options.hello });
    this.#beat();
  }

  #beat(): void {
    if (this.#stream.open) this.#stream.write({ heartbeat: this.#options.heartbeat() });
  }

  #received(command: NodeCommand): void {
    if (command.gateway) {
      this.#options.attached?.(command.gateway);
      return;
    }
    const name = ACTIONS.find((action) => command[action] != null);
    const generation = this.#stream.generation;
    const reply = (outcome: NodeReply): void => {
      if (!command.command || generation !== this.#stream.generation) return;
      this.#stream.write({ reply: { ...outcome, command: command.command } });
    };
    if (name === undefined) {
      reply({ error: 'expected a command this node knows', reason: 'unsupported' });
      return;
    }
    const expiresAtMs = command.deadlineMs ? performance.now() + command.deadlineMs : Number.POSITIVE_INFINITY;
    const task = async (): Promise<void> => {
      if (performance.now() > expiresAtMs && !NEVER_LATE.includes(name)) {
        return reply({ error: `its ${command.deadlineMs} ms were over before it could begin`, reason: 'late' });
      }
      reply(await settled(this.#options.commands, name, command));
    };
    const session = sessionOf(command, name);
    if (session === '' || OVERTAKING.includes(name)) void task();
    else this.#queue.add(session, command.deadlineMs || DEFAULT_LIMIT_MS, task);
  }
}

/** Runs the node's function; whatever it does becomes a reply. */
async function settled(table: CommandTable, name: ActionName, command: NodeCommand): Promise<NodeReply> {
  const run = table[name] as ((argument: unknown) => Done | NodeSignal | Promise<NodeSignal>) | undefined;
  if (!run) return { error: `this node does not take ${name}`, reason: 'unsupported' };
  try {
    const answer = await run.call(table, command[name]);
    return answer ? { answer } : {};
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: message || 'it failed', reason: error instanceof CommandError ? error.reason : 'internal' };
  }
}

function sessionOf(command: NodeCommand, name: ActionName): string {
  const action = command[name];
  return action && 'session' in action ? (action.session ?? '') : '';
}
