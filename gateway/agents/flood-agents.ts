/**
 * A flood of real agents against one gateway, at a constant rate over all of them, ten to a room of their own.
 *
 * Open loop: what is due is due whatever the gateway does; a process that could not keep up leaves out what is more
 * than a second late, and counts it.
 */
import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose';
import { MOST_BATCH_FRAMES } from '../../schemas/batch-walk.ts';
import { FloodAgent } from './flood-agent.ts';
import { FloodListener } from './flood-listener.ts';
import type { FloodCount, FloodTarget, FloodWish } from './flood-wish.ts';

const AGENTS_PER_ROOM = 10;
const TICK_MS = 5;
/** More writes a second than this only cost: frames are sent several at once. */
const MOST_WRITES_PER_SECOND = 2500;
const TOKEN_TTL = '5 minutes';

export class FloodAgents {
  readonly #wish: FloodWish;
  readonly #agents: readonly FloodAgent[];
  readonly #listeners: readonly FloodListener[];
  readonly #count = { connected: 0, writtenFrames: 0, withheldFrames: 0, cuts: 0 };
  #timer: NodeJS.Timeout | undefined;

  constructor(wish: FloodWish, target: FloodTarget) {
    this.#wish = wish;
    const ca = target.certFile === undefined ? undefined : readFileSync(target.certFile, 'utf8');
    const url = (room: string) => `${target.metadataUrl}?room=${room}`;
    this.#agents = Array.from({ length: wish.agents }, (_, number) => {
      const room = roomOf(number);
      return new FloodAgent({
        number,
        temper: wish.temper,
        url: url(room),
        localAddress: loopbackOf(number),
        ca,
        accessToken: (identity) => accessToken(target, { identity, room, agent: true }),
        count: this.#count,
      });
    });
    const rooms = new Set(this.#agents.map((_, number) => roomOf(number)));
    this.#listeners = [...rooms].map(
      (room) =>
        new FloodListener(
          url(room),
          () => accessToken(target, { identity: `${room}-listener`, room, agent: false }),
          ca,
        ),
    );
  }

  get count(): FloodCount {
    return { ...this.#count };
  }

  /** Connects everybody and sends from the first moment on. Rejects when no token can be signed. */
  async start(): Promise<void> {
    await Promise.all([...this.#listeners, ...this.#agents].map((one) => one.start()));
    const { framesPerSecond, agents } = this.#wish;
    const batch = Math.min(MOST_BATCH_FRAMES, Math.max(1, Math.round(framesPerSecond / MOST_WRITES_PER_SECOND)));
    const startMs = performance.now();
    let sent = 0;
    let turn = 0;
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startMs) * framesPerSecond) / 1000);
      const late = due - sent - framesPerSecond;
      if (late > 0) {
        sent += late;
        this.#count.withheldFrames += late;
      }
      for (; due - sent >= batch; sent += batch) this.#agents[turn++ % agents]!.send(batch);
    }, TICK_MS);
  }

  /** Disconnects everybody. */
  stop(): void {
    clearInterval(this.#timer);
    for (const one of [...this.#agents, ...this.#listeners]) one.stop();
  }
}

function roomOf(number: number): string {
  return `flood-${Math.floor(number / AGENTS_PER_ROOM)}`;
}

/** On Linux all of 127.0.0.0/8 is this machine: agents then are not one address with many connections. */
function loopbackOf(number: number): string | undefined {
  return process.platform === 'linux' ? `127.0.9.${1 + number}` : undefined;
}

function accessToken(target: FloodTarget, who: { identity: string; room: string; agent: boolean }): Promise<string> {
  const { apiKey, secret, tenant } = target;
  const video = { room: who.room, canSubscribe: !who.agent, canPublish: false };
  return new SignJWT({ ...(who.agent && { kind: 'agent' }), video, sluice: { tenant } })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(apiKey)
    .setSubject(who.identity)
    .setExpirationTime(TOKEN_TTL)
    .sign(new TextEncoder().encode(secret));
}
