/**
 * Rooms with speakers and subscribers, all of them connected: what e6 publishes into and counts on.
 *
 * Speakers and subscribers share this process and its clock; the gateway has processes of its own. Staleness counts from
 * when a fragment was due, so what this process is late counts against the gateway, never for it.
 */
import { Kind } from '../../schemas/kinds.ts';
import { proto } from '../../schemas/proto.ts';
import { TokenSigner } from '../access-token.ts';
import { monotonicMs } from '../clock.ts';
import { LatencyRecord } from '../latency-record.ts';
import { CROWD_TENANTS } from '../processes/gateway-process.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { decodeSignal, encodeSignal } from '../wire/signal-message.ts';
import { openWire, type WireSocket, type WireTarget } from '../wire/wire-socket.ts';
import { CaptionBook } from './caption-book.ts';
import { CaptionSubscriber, type SessionPoint, type Temper } from './caption-subscriber.ts';
import { RoomRecord } from './room-record.ts';
import { type ScriptedFragment, SPEAKERS_PER_ROOM } from './room-script.ts';

/** Who listens in each room. */
export const TEMPERS: readonly Temper[] = ['quick', 'quick', 'quick', 'slow', 'breaking'];
/** The default policy's tick. */
export const TICK_MS = 100;
const ADDRESSES = 200;
const ROOMS_AT_ONCE = 8;
const JOIN_MS = 10_000;
const NOTHING = () => {};

/** One room with everybody in it. */
export interface CaptionRoom {
  readonly record: RoomRecord;
  readonly speakers: readonly WireSocket[];
  readonly subscribers: readonly CaptionSubscriber[];
}

/** All rooms of one arm. */
export class CaptionRooms {
  readonly rooms: CaptionRoom[] = [];
  /** Of interims, and of finals, at quick subscribers, ms. */
  readonly staleness = new LatencyRecord();
  readonly finalLateness = new LatencyRecord();
  /** Speakers whose connection was lost. */
  speakersLost = 0;
  readonly #target: LoadTarget;
  readonly #signer: TokenSigner;
  readonly #signals: WireSocket[] = [];
  #stopped = false;

  constructor(target: LoadTarget) {
    this.#target = target;
    this.#signer = new TokenSigner(target.key);
  }

  /** Connects everybody of `count` rooms. Rejects when somebody is refused. */
  async open(count: number): Promise<void> {
    while (this.rooms.length < count) {
      const first = this.rooms.length;
      const fresh = Array.from({ length: Math.min(ROOMS_AT_ONCE, count - first) }, (_, index) =>
        this.#room(first + index),
      );
      this.rooms.push(...(await Promise.all(fresh)));
    }
  }

  /** Says `fragment`, due at `dueMs` of the machine's clock, in room number `room`. */
  publish(room: number, fragment: ScriptedFragment, dueMs: number): void {
    const { record, speakers } = this.rooms[room]!;
    const { speaker, segment, revision, final, text } = fragment;
    const caption = { stream: String(speaker), segment, revision, text };
    const frame = proto.Frame.encode({ kind: Kind.caption, final, caption }).finish();
    record.sent(fragment, dueMs, monotonicMs());
    speakers[speaker]!.write(clientFrame(frame));
  }

  /** Disconnects everybody. */
  stop(): void {
    this.#stopped = true;
    for (const signal of this.#signals) signal.destroy();
    for (const { speakers, subscribers } of this.rooms) {
      for (const speaker of speakers) speaker.destroy();
      for (const subscriber of subscribers) subscriber.breakOff();
    }
  }

  async #room(number: number): Promise<CaptionRoom> {
    const record = new RoomRecord();
    const subscribers: CaptionSubscriber[] = [];
    for (const [place, temper] of TEMPERS.entries())
      subscribers.push(await this.#subscriber(number, place, temper, record));
    const speakers: WireSocket[] = [];
    for (let speaker = 0; speaker < SPEAKERS_PER_ROOM; speaker++) {
      const identity = `speaker-${number}-${speaker}`;
      const at = await this.#place(number, identity, true, AddressGroup.agents);
      const closed = () => {
        if (!this.#stopped) this.speakersLost++;
      };
      speakers.push(await openWire({ ...at, path: '/v1/metadata' }, { message: NOTHING, closed }));
    }
    return { record, speakers, subscribers };
  }

  async #subscriber(room: number, place: number, temper: Temper, record: RoomRecord): Promise<CaptionSubscriber> {
    const at = await this.#place(room, `listener-${room}-${place}`, false, AddressGroup.listeners);
    const session = temper === 'breaking' ? await this.#join(room, at) : null;
    const measured = temper === 'quick';
    const { staleness, finalLateness } = this;
    const book = new CaptionBook(record, TICK_MS, measured ? staleness : null, measured ? finalLateness : null);
    const subscriber = new CaptionSubscriber(temper, book, { ...at, path: '/v1/metadata' }, session);
    await subscriber.connect();
    return subscriber;
  }

  async #place(room: number, identity: string, agent: boolean, group: number): Promise<Omit<WireTarget, 'path'>> {
    const tenant = CROWD_TENANTS[room % CROWD_TENANTS.length]!;
    const claims = { identity, tenant, room: roomName(room) };
    const rights = agent ? { kind: 'agent' as const, canSubscribe: false } : {};
    const accessToken = await this.#signer.sign({ ...claims, ...rights });
    const { host, metadataPort: port } = this.#target;
    return { host, port, accessToken, localAddress: loopbackAddress(group, room, ADDRESSES) };
  }

  /** Joins on the signalling side and stays there. */
  async #join(room: number, at: Omit<WireTarget, 'path'>): Promise<SessionPoint> {
    let settle = (_: SessionPoint) => {};
    let fail = (_: Error) => {};
    const joined = new Promise<SessionPoint>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    let welcome: SessionPoint = { session: '', resumeToken: '' };
    const message = (bytes: Uint8Array, start: number, end: number) => {
      const { kind, fields } = decodeSignal(false, bytes.subarray(start, end));
      const point = {
        session: String(fields.session || welcome.session),
        resumeToken: String(fields.resumeToken || welcome.resumeToken),
      };
      if (kind === 'welcome') welcome = point;
      else if (kind === 'joined') settle(point);
      else if (kind === 'error') fail(new Error(`a join was refused: ${String(fields.reason)}`));
    };
    const closed = (code: number) => fail(new Error(`a signalling socket was closed with ${code}`));
    const signal = await openWire({ ...at, port: this.#target.signalPort, path: '/v1/signal' }, { message, closed });
    this.#signals.push(signal);
    signal.send(encodeSignal(false, 'join', { id: 1, room: roomName(room), name: 'listener' }));
    const patience = setTimeout(() => fail(new Error(`a join was not answered in ${JOIN_MS} ms`)), JOIN_MS);
    try {
      return await joined;
    } finally {
      clearTimeout(patience);
    }
  }
}

function roomName(room: number): string {
  return `captions-${room}`;
}
