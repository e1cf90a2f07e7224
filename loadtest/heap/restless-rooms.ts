/**
 * Rooms that come and go: every `EVERY_MS` a new one, in which an agent says a little of everything, leaves most of it
 * unfinished, and is gone with its listener a second later. No name is used twice.
 */
import { Kind } from '../../schemas/kinds.ts';
import { pause } from '../clock.ts';
import type { WireSocket } from '../wire/wire-socket.ts';
import { type HeapClients, say } from './heap-clients.ts';

const EVERY_MS = 150;
const STAY_MS = 1000;
/** Of a model's state, which a room keeps for whoever comes late. */
const STATE_BYTES = 49_152;
const TEXT = 'somebody said something here once and nobody was left to hear how it ended';

export class RestlessRooms {
  /** How many there have been. */
  opened = 0;
  readonly #clients: HeapClients;
  readonly #tenants: readonly string[];
  readonly #leaves: boolean;
  readonly #stayed: WireSocket[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `leaves`: false keeps everybody where they are, so that no room ends. */
  constructor(clients: HeapClients, tenants: readonly string[], leaves: boolean) {
    this.#clients = clients;
    this.#tenants = tenants;
    this.#leaves = leaves;
  }

  start(): void {
    // Who is refused was not there: what counts is what the gateway keeps.
    this.#timer = setInterval(() => this.#visit(this.opened++).catch(() => {}), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const socket of this.#stayed) socket.destroy();
  }

  async #visit(number: number): Promise<void> {
    const at = { tenant: this.#tenants[number % this.#tenants.length]!, room: `restless-${number}` };
    const listener = await this.#clients.open({ ...at, identity: `listener-${number}`, agent: false });
    const agent = await this.#clients.open({ ...at, identity: `visitor-${number}`, agent: true });
    const stream = `stream-${number}`;
    say(agent, { kind: Kind.caption, caption: { stream, segment: 1, revision: 1, text: TEXT, speaker: stream } });
    say(agent, { kind: Kind.caption, final: true, pub: 1, caption: { stream, segment: 2, revision: 1, text: TEXT } });
    say(agent, { kind: Kind.gauge, gauge: { key: stream, value: new Uint8Array(64) } });
    say(agent, { kind: Kind.agentTurn, agentTurn: { turn: stream, phase: 0, offset: 0, text: TEXT } });
    say(agent, { kind: Kind.moderation, pub: 2, moderation: { messageId: stream, target: stream } });
    say(agent, {
      kind: Kind.modelState,
      modelState: { model: stream, version: 1, payload: new Uint8Array(STATE_BYTES) },
    });
    await pause(STAY_MS);
    if (!this.#leaves) this.#stayed.push(agent, listener);
    else {
      agent.close();
      // One of two says goodbye, the other is cut.
      listener.destroy();
    }
  }
}
