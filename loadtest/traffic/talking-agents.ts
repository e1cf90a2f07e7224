/**
 * Agents that answer people by the client library, some of which heed what the gateway advises and some of which do not, and
 * the people who hear them. A process of its own.
 *
 * Twice a second an agent is asked something for which it needs three turns. It begins each as `client.turns` lets it: all
 * three at once or, where single ones are advised and it heeds that, one after another.
 *
 * Invariants: in each room are one listener and one agent of each temper; questions come at a fixed rate, whatever became of
 * the ones before; a turn counts as heard when its listener has the whole of it at most `DUE_MS` after the question.
 */
import { createClient, Kind, type SluiceClient } from '../../gateway/client/entry.ts';
import { protobufEncoding } from '../../gateway/client/protobuf-encoding.ts';
import { proto } from '../../schemas/proto.ts';
import { TokenSigner } from '../access-token.ts';
import { monotonicMs, pause } from '../clock.ts';
import { openLoop, timerClock } from '../open-loop.ts';
import { answerCalls } from '../processes/load-process.ts';
import type { LoadTarget } from '../wire/load-target.ts';
import { HeardTurns } from './heard-turns.ts';

/** One room for each tenant. */
export interface TalkingStart {
  readonly target: LoadTarget;
  readonly tenants: readonly string[];
}

/** What became of the turns of all agents of one temper. */
export interface TurnTally {
  /** Turns that answers needed. */
  readonly due: number;
  /** Those that were heard whole and in time. */
  readonly heard: number;
  /** Messages `throttled`, so far: what the gateway refused. */
  readonly throttled: number;
  /** Metadata sockets lost, so far. */
  readonly lost: number;
  /** The highest level of which any of them was advised, so far. */
  readonly advisedLevel: number;
}

export interface TalkingReport {
  readonly heeding: TurnTally;
  readonly ignoring: TurnTally;
}

export type TalkingCalls = {
  open(start: TalkingStart): Promise<void>;
  /** Answers for so long, ms. */
  talk(durationMs: number): Promise<TalkingReport>;
};

const TEMPERS = ['heeding', 'ignoring'] as const;
const ASK_MS = 500;
const TURNS_PER_ANSWER = 3;
const WORDS = ['It', ' depends', ' on', ' you.'];
const WORD_MS = 25;
/** Three turns one after another take a third of this, and a room at level 1 writes every 300 ms. */
const DUE_MS = 1000;
const { Phase } = proto.AgentTurn;

/** An agent at work in its room. */
class TalkingAgent {
  readonly client: SluiceClient;
  throttled = 0;
  lost = 0;
  advisedLevel = 0;
  readonly #name: string;
  readonly #book: HeardTurns;
  #turns = 0;

  /** `name` begins the names of its turns. */
  constructor(client: SluiceClient, name: string, book: HeardTurns) {
    this.client = client;
    this.#name = name;
    this.#book = book;
    client.on('throttled', () => this.throttled++);
    client.on('metadataState', ({ state }) => {
      if (state === 'reconnecting' || state === 'off') this.lost++;
    });
    client.on('advice', ({ level }) => {
      this.advisedLevel = Math.max(this.advisedLevel, level);
    });
  }

  /** Answers one question; resolves when it has said all, rejects when too many turns wait or the client has ended. */
  async answer(): Promise<void> {
    await Promise.all(Array.from({ length: TURNS_PER_ANSWER }, () => this.#turn()));
  }

  async #turn(): Promise<void> {
    const turn = `${this.#name}-${this.#turns++}`;
    this.#book.ask(turn, monotonicMs());
    const end = await this.client.turns.begin();
    let offset = 0;
    for (const [index, text] of WORDS.entries()) {
      const phase = index === 0 ? Phase.started : index === WORDS.length - 1 ? Phase.done : Phase.delta;
      this.client.publish({ kind: Kind.agentTurn, agentTurn: { turn, phase, offset, text } });
      offset += text.length;
      await pause(WORD_MS);
    }
    end();
  }
}

class TalkingRooms {
  readonly #agents: Record<(typeof TEMPERS)[number], TalkingAgent[]> = { heeding: [], ignoring: [] };
  readonly #heard = new HeardTurns(WORDS.join(''));

  async open({ target, tenants }: TalkingStart): Promise<void> {
    const signer = new TokenSigner(target.key);
    const join = async (tenant: string, identity: string, agent: boolean, heedAdvice = true) => {
      const room = `talk-${tenant}`;
      const kind = agent ? 'agent' : 'standard';
      const accessToken = await signer.sign({ identity, tenant, room, kind });
      const signalUrl = `ws://${target.host}:${target.signalPort}/v1/signal`;
      const client = createClient({ signalUrl, accessToken, room, heedAdvice, encoding: protobufEncoding });
      const attached = new Promise<void>((resolve) => {
        client.on('metadataState', ({ state }) => state === 'separate' && resolve());
      });
      await client.connect();
      await attached;
      return client;
    };
    for (const tenant of tenants) {
      const listener = await join(tenant, 'listener', false);
      listener.on('metadata', (frame) => this.#heard.take(frame, monotonicMs()));
      for (const temper of TEMPERS) {
        const name = `${temper}-${tenant}`;
        this.#agents[temper].push(
          new TalkingAgent(await join(tenant, name, true, temper === 'heeding'), name, this.#heard),
        );
      }
    }
  }

  async talk(durationMs: number): Promise<TalkingReport> {
    const agents = TEMPERS.flatMap((temper) => this.#agents[temper]);
    this.#heard.clear();
    const times = Float64Array.from({ length: Math.ceil(durationMs / ASK_MS) }, (_, index) => index * ASK_MS);
    await openLoop(times, monotonicMs(), timerClock(monotonicMs), () => {
      for (const agent of agents) agent.answer().catch(() => {});
    }).done;
    await pause(ASK_MS + DUE_MS);
    return { heeding: this.#tally('heeding'), ignoring: this.#tally('ignoring') };
  }

  #tally(temper: (typeof TEMPERS)[number]): TurnTally {
    const agents = this.#agents[temper];
    const sum = (of: (agent: TalkingAgent) => number) => agents.reduce((total, agent) => total + of(agent), 0);
    return {
      ...this.#heard.heard(`${temper}-`, DUE_MS),
      throttled: sum(({ throttled }) => throttled),
      lost: sum(({ lost }) => lost),
      advisedLevel: Math.max(...agents.map(({ advisedLevel }) => advisedLevel)),
    };
  }
}

if (process.argv[1] === import.meta.filename && process.send) {
  const rooms = new TalkingRooms();
  const calls: TalkingCalls = { open: (start) => rooms.open(start), talk: (durationMs) => rooms.talk(durationMs) };
  answerCalls(calls);
}
