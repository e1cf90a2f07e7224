/**
 * Agents in lasting rooms that begin without end and finish nothing: streams, segments, growing texts, turns, values and
 * speakers, each under a name that is never used again. In the same rooms others speak as one should, so that there is
 * something to receive.
 */
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { WireSocket } from '../wire/wire-socket.ts';
import { type HeapClients, say } from './heap-clients.ts';

export const LASTING_ROOMS = 4;
const AGENTS_PER_ROOM = 2;
/** Below what a session may send of each class by the default policy. */
const EVERY_MS = 125;
const TEXT = 'a sentence that goes on and on because whoever speaks it has never been taught to stop ';
const SEGMENT_REVISIONS = 20;

/** The room of number `number`, of as many tenants as there are. */
export function lastingRoom(number: number, tenants: readonly string[]): { tenant: string; room: string } {
  return { tenant: tenants[number % tenants.length]!, room: `lasting-${number}` };
}

export class EndlessAgents {
  /** Rounds of everything that was begun. */
  begun = 0;
  readonly #clients: HeapClients;
  readonly #sockets: { readonly name: string; readonly socket: WireSocket }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(clients: HeapClients) {
    this.#clients = clients;
  }

  async start(tenants: readonly string[]): Promise<void> {
    for (let number = 0; number < LASTING_ROOMS * AGENTS_PER_ROOM; number++) {
      const name = `endless-${number}`;
      const at = lastingRoom(number % LASTING_ROOMS, tenants);
      this.#sockets.push({ name, socket: await this.#clients.open({ ...at, identity: name, agent: true }) });
    }
    this.#timer = setInterval(() => {
      for (const { name, socket } of this.#sockets) for (const frame of roundOf(name, this.begun)) say(socket, frame);
      this.begun++;
    }, EVERY_MS);
  }

  /** How many of them are still there. */
  get present(): number {
    return this.#sockets.filter(({ socket }) => socket.open).length;
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const { socket } of this.#sockets) socket.destroy();
  }
}

/** What one of them says in a round. */
function roundOf(name: string, round: number): Frame[] {
  const fresh = `${name}-${round}`;
  const segment = Math.floor(round / SEGMENT_REVISIONS);
  const revision = round % SEGMENT_REVISIONS;
  const spoken = { stream: name, segment, revision, text: TEXT.slice(0, 4 * (revision + 1)) };
  const grown = { stream: `${name}-grows`, segment: 0, mode: 1, offset: round * TEXT.length, text: TEXT };
  return [
    { kind: Kind.caption, final: revision === SEGMENT_REVISIONS - 1, pub: round + 1, caption: spoken },
    { kind: Kind.caption, caption: { stream: fresh, segment: 0, revision: 0, text: TEXT, speaker: fresh } },
    { kind: Kind.caption, caption: grown },
    { kind: Kind.agentTurn, agentTurn: { turn: fresh, phase: 0, offset: 0, text: TEXT } },
    {
      kind: Kind.toolCall,
      toolCall: { messageId: fresh, call: fresh, turn: fresh, phase: 0, payload: new Uint8Array(128) },
    },
    { kind: Kind.presence, presence: { key: fresh, value: new Uint8Array(64) } },
  ];
}
