/** A room and its subscribers under random operations, against what each of them must have received. */
import fc from 'fast-check';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { final, interim, moderation, presence } from './fixtures/frames.ts';
import { FakeClient, liveKeyOf, RoomUnderTest, TICK_MS } from './fixtures/room-under-test.ts';

/** Messages that may be under way to a client that does not acknowledge and still comes back for all of them. */
const MOST_UNDER_WAY = 12;
const ROOMY = { unackedBytes: 65_536, roomLogBytes: 1_048_576 };

const epoch = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(2) });
const segment = { stream: fc.constantFrom('s', 't'), segment: fc.nat(2), epoch };
const who = fc.oneof({ weight: 3, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(25) });
const operation = fc.oneof(
  { weight: 8, arbitrary: fc.record({ verb: fc.constant('partial' as const), ...segment, late: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('final' as const), ...segment }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('again' as const), back: fc.nat(12) }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('value' as const), key: fc.constantFrom('k', 'l') }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('event' as const) }) },
  { weight: 8, arbitrary: fc.record({ verb: fc.constant('pass' as const), ms: fc.constantFrom(1, 9, 30, 70, 250) }) },
  { weight: 12, arbitrary: fc.record({ verb: fc.constant('write' as const), part: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('come' as const), who }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('leave' as const), who }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('break' as const), who }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('receive' as const), who, count: fc.nat(4) }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('acknowledge' as const), who }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('block' as const), who }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('wish' as const), who, events: fc.boolean() }) },
);
/** By how much a partial's revision is older than the newest: mostly not at all. */
const LATE = Array.from({ length: 21 }, (_, index) => Math.max(0, index - 15));
const operations = fc.array(operation, { maxLength: 120, size: 'max' });
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** A time in which a segment was open. */
interface Opening {
  readonly key: string;
  readonly texts: Set<string>;
  readonly fromMs: number;
  untilMs: number;
}

/** Runs operations and checks what holds at any time; `crowd` more subscribers are there from the start. */
class Run {
  readonly world: RoomUnderTest;
  readonly clients: FakeClient[];
  readonly crowd: FakeClient[];
  /** Everything of the log by its position, as a word. */
  readonly whole: string[] = [];
  readonly openings: Opening[] = [];
  readonly #published: Frame[] = [];
  /** Who comes and goes. */
  readonly #movers: FakeClient[];
  #texts = 0;

  constructor(crowd: number, crowdStays: boolean, limits: { unackedBytes: number; roomLogBytes: number }) {
    this.world = new RoomUnderTest(limits);
    this.clients = Array.from({ length: 6 }, (_, index) => new FakeClient(`client ${index}`, index % 3 === 2));
    this.crowd = Array.from({ length: crowd }, (_, index) => new FakeClient(`crowd ${index}`, false));
    for (const client of this.crowd) this.world.join(client);
    this.#movers = crowdStays ? this.clients : this.everybody;
  }

  get everybody(): FakeClient[] {
    return [...this.clients, ...this.crowd];
  }

  do(operation: Operation): void {
    const { world } = this;
    const client = 'who' in operation ? this.#movers[operation.who % this.#movers.length]! : null;
    switch (operation.verb) {
      case 'partial':
        this.#publish(
          interim(
            operation.stream,
            operation.segment,
            Math.max(0, ++this.#texts - LATE[operation.late]!),
            `${this.#texts}`,
            {
              epoch: operation.epoch,
            },
          ),
        );
        break;
      case 'final':
        this.#publish(final(operation.stream, operation.segment, `${++this.#texts}`, { epoch: operation.epoch }));
        break;
      case 'again': {
        const frame = this.#published.at(-1 - operation.back);
        if (frame) this.#publish(frame);
        break;
      }
      case 'value':
        this.#publish(presence(operation.key, `${++this.#texts}`));
        break;
      case 'event':
        this.#publish(moderation(`${++this.#texts}`));
        break;
      case 'pass':
        world.nowMs += operation.ms;
        break;
      case 'write':
        world.write(operation.part);
        break;
      case 'come':
        if (client!.session) break;
        // One that was let go, or was never there, begins anew.
        if (client!.lastNumber === 0 || client!.closeCode !== 0) world.join(client!);
        else world.resume(client!);
        break;
      case 'leave':
        if (!client!.session) break;
        world.leave(client!);
        client!.lastNumber = 0;
        break;
      case 'break':
        if (client!.session) world.breakOff(client!);
        break;
      case 'receive':
        client!.receive(operation.count);
        break;
      case 'acknowledge':
        world.acknowledge(client!);
        break;
      case 'block':
        client!.blocked = !client!.blocked;
        if (!client!.blocked && client!.session) world.audience.drained(client!.session);
        break;
      case 'wish':
        if (!client!.session) break;
        world.subscribe(client!, operation.events ? {} : { kinds: [Kind.caption, Kind.presence, Kind.moderation] });
        break;
    }
    for (const one of this.everybody) {
      if (one.underWay.length > MOST_UNDER_WAY) one.receive(one.underWay.length - MOST_UNDER_WAY);
    }
    const residuals = world.counters.residuals();
    if (residuals.some((residual) => residual !== 0)) throw new Error(`residuals ${residuals}`);
    if (world.room.live.all.some((frame, index) => frame.liveIndex !== index))
      throw new Error('live frames out of place');
  }

  /** Ends every open segment. */
  endSegments(): void {
    const open = this.openings.filter(({ untilMs }) => untilMs === Number.POSITIVE_INFINITY);
    for (const { key } of open) {
      const [stream, number] = key.split(' ') as [string, string];
      this.#publish(final(stream, Number(number), `${++this.#texts}`, { epoch: 2 }));
    }
  }

  #publish(frame: Frame): void {
    const { world } = this;
    const logged = world.room.log.head;
    const accepted = world.publish(frame);
    this.#published.push(frame);
    if (world.room.log.head > logged) this.whole.push(wordOf(frame));
    if (frame.kind !== Kind.caption || !accepted) return;
    const key = liveKeyOf(frame);
    const open = this.openings.find((one) => one.key === key && one.untilMs === Number.POSITIVE_INFINITY);
    const text = frame.caption!.text!;
    if (frame.final) {
      // A final of a lower epoch does not end the correction that is under way.
      const live = world.room.live.all.find(({ kind, payload }) => kind === Kind.caption && keyIn(payload, key));
      if (live && live.epoch <= (frame.caption!.epoch ?? 0)) throw new Error(`${key} is open after its final`);
      if (open && !live) open.untilMs = world.nowMs;
    } else if (open) open.texts.add(text);
    else {
      const untilMs = Number.POSITIVE_INFINITY;
      this.openings.push({ key, texts: new Set([text]), fromMs: world.nowMs, untilMs });
    }
  }
}

const wordOf = (frame: Frame) => frame.caption?.text ?? frame.moderation?.messageId ?? '';

/** Whether a live caption's payload is of the stream and segment; both are one character in these tests. */
function keyIn(payload: Buffer, key: string): boolean {
  const [stream, number] = key.split(' ') as [string, string];
  const at = payload.indexOf(Buffer.from([0x0a, 1, stream.charCodeAt(0)]));
  const next = at + 3;
  const found = payload[next] === 0x10 ? payload[next + 1] : 0;
  return at >= 0 && found === Number(number);
}

/** What comes whole: finals and events, in order. */
function wholeOf(client: FakeClient): string[] {
  return client.received.filter((frame) => frame.final || frame.moderation).map(wordOf);
}

function checkEnd(run: Run): void {
  const { world } = run;
  world.settle(run.everybody);
  const live = world.room.live.all;
  for (const client of run.everybody) {
    if (!client.session) continue;
    const expected = run.whole.slice(client.fromPosition);
    const got = wholeOf(client);
    if (got.join() !== expected.join()) throw new Error(`${client.sessionId} received ${got} instead of ${expected}`);

    const newest = new Map(client.received.filter((frame) => !frame.final).map((frame) => [liveKeyOf(frame), frame]));
    for (const frame of live) {
      const held = [...newest.values()].some(
        (one) => one.kind === frame.kind && frame.payload.subarray(0, frame.length).includes(contentOf(one)),
      );
      if (!held)
        throw new Error(`${client.sessionId} has not the newest of ${frame.payload.subarray(0, frame.length)}`);
    }
    for (const { key, texts, fromMs, untilMs } of run.openings) {
      const interims = client.received.filter((f) => !f.final && liveKeyOf(f) === key && texts.has(wordOf(f)));
      const openMs = Math.min(untilMs, world.nowMs) - fromMs;
      const extra = client.caughtUpMs.filter((ms) => ms >= fromMs && ms <= untilMs).length;
      if (interims.length > 1 + Math.ceil(openMs / TICK_MS) + extra) {
        throw new Error(`${interims.length} interims of ${key}, open for ${openMs} ms, to ${client.sessionId}`);
      }
    }
  }
  const nobodyAway = world.room.detached.size === 0;
  if (nobodyAway && world.room.log.base !== world.room.log.head)
    throw new Error('the log keeps what all have received');
  const queued = world.counters.queued.reduce((sum, count) => sum + count, 0);
  if (nobodyAway && run.everybody.some(({ session }) => session) && queued !== 0)
    throw new Error(`${queued} frames still wait`);
}

/** The part of a live frame that no other has. */
function contentOf(frame: Frame): Buffer {
  const text = frame.caption ? Buffer.from(frame.caption.text!) : Buffer.from(frame.presence!.value!);
  return Buffer.concat([Buffer.from([frame.caption ? 0x3a : 0x12, text.length]), text]);
}

t.test('META-32 finals and events come whole, once and in order, to all who stay or come back', async (t) => {
  fc.assert(
    fc.property(operations, fc.constantFrom(0, 0, 20), fc.boolean(), (taken, crowd, ended) => {
      const run = new Run(crowd, false, ROOMY);
      for (const operation of taken) run.do(operation);
      if (ended) run.endSegments();
      checkEnd(run);
    }),
    { numRuns: 1500, verbose: 1 },
  );
  t.pass('with the newest of what is live, within the bound of interims, and nothing kept for longer');
});

t.test('META-25 with a small window and a small log, who is not let go still receives the whole', async (t) => {
  const limits = { unackedBytes: 120, roomLogBytes: 3000 };
  let letGo = 0;
  fc.assert(
    fc.property(operations, (taken) => {
      const run = new Run(2, true, limits);
      for (const client of run.clients) client.mayBeginAnew = true;
      for (const operation of taken) {
        run.do(operation);
        // An anew begun client owes nothing to its former life; one whose place was given up begins anew by itself.
        for (const client of run.clients) if (client.closeCode !== 0 && !client.session) client.lastNumber = 0;
      }
      letGo += run.everybody.filter(({ closeCode }) => closeCode === 4108).length;
      run.world.settle(run.everybody);
      for (const client of run.crowd) {
        if (!client.session) continue;
        const got = wholeOf(client);
        if (got.join() !== run.whole.join()) throw new Error(`${got} instead of ${run.whole}`);
      }
      if (run.world.room.log.keptBytes > limits.roomLogBytes) throw new Error(`${run.world.room.log.keptBytes} bytes`);
    }),
    { numRuns: 700, verbose: 1 },
  );
  t.ok(letGo > 0, `${letGo} were let go`);
});

t.test('META-26 one place is kept for a session, however often its sockets break', async (t) => {
  const world = new RoomUnderTest(ROOMY);
  const [older, newer] = [new FakeClient('one', false), new FakeClient('one', true)];
  world.join(older);
  world.join(newer);
  world.breakOff(older);
  world.breakOff(newer);
  t.equal(world.room.detached.size, 1);
  world.join(older);
  t.equal(world.room.detached.size, 0, 'none for one that begins anew');
  world.leave(older);
  t.ok(world.room.empty || world.room.publishers > 0);
});
