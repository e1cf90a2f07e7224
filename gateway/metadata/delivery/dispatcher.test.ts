/** Whose write is next, in simulated time: rooms and a dispatcher without sockets, timers or clock. */
import fc from 'fast-check';
import t from 'tap';
import type { Policy } from '../../../classes/policy.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Frame } from '../../../schemas/proto.ts';
import { DEFAULT_POLICY } from '../../config/default-policy.ts';
import { ArrivalOrder, type DispatchedRoom, DispatchedRooms } from '../fixtures/dispatched-rooms.ts';
import { custom, final, interim, moderation, presence } from '../fixtures/frames.ts';
import { MOST_DELIVERIES } from './write-queue.ts';

const FEEDBACK: Frame = { kind: Kind.feedback, feedback: {} };
const CUSTOM = custom('a');
const SUMMARY: Frame = { kind: Kind.summary, summary: {} };
let count = 0;
/** What is written at once, at most every 20 ms. */
const nextFinal = () => final('s', ++count, 'done');
const nextInterim = () => interim('s', 1, ++count, 'so far');

const isIdle = ({ room }: DispatchedRoom) => room.log.head === room.emittedHead && room.live.dirty.length === 0;
const sent = (rooms: readonly DispatchedRoom[]) => rooms.reduce((sum, { messages }) => sum + messages, 0);

/** Gives every room something whenever nothing of its own waits, and interims always, for so long. */
function saturate(
  world: DispatchedRooms,
  wants: readonly (readonly [DispatchedRoom, () => Frame])[],
  forMs: number,
): void {
  for (const untilMs = world.nowMs + forMs; world.nowMs < untilMs; world.runUntil(world.nowMs + 10)) {
    for (const [room, frame] of wants) if (frame === nextInterim || isIdle(room)) world.publish(room, frame());
  }
}

function roomsOf(world: DispatchedRooms, tenant: string, count: number, size: number): DispatchedRoom[] {
  return Array.from({ length: count }, (_, index) => world.room(tenant, `${tenant} ${index}`, size, index));
}

/** What a tenant with 200 rooms and one with a single room get, of finals in one class. */
function crowdAndSingle(queue?: ArrivalOrder): number[] {
  const world = new DispatchedRooms(1, DEFAULT_POLICY, queue);
  const crowd = roomsOf(world, 'crowd', 200, 10);
  const [single] = roomsOf(world, 'single', 1, 160);
  for (const untilMs = world.nowMs + 20_000; world.nowMs < untilMs; world.runUntil(world.nowMs + 10)) {
    for (const room of [single!, ...crowd]) if (isIdle(room)) world.publish(room, nextFinal());
  }
  return [sent(crowd), single!.messages];
}

t.test('SCHED-31 a tenant with 200 rooms is written as much as a tenant with one', async (t) => {
  const [crowd = 0, single = 0] = crowdAndSingle();
  t.ok(Math.abs(crowd - single) <= 0.05 * crowd, `${crowd} and ${single} messages`);
  const [before = 0, alone = 0] = crowdAndSingle(new ArrivalOrder());
  t.ok(before > 10 * alone, `in order of arrival ${before} and ${alone}`);
});

t.test(
  'SCHED-31 tenants of tiers are written by the factors of their tiers, and by others once these hold',
  async (t) => {
    const tiers = { tierByTenant: new Map([['gold', 1]]) };
    const policy: { -readonly [Field in keyof Policy]: Policy[Field] } = { ...DEFAULT_POLICY, ...tiers };
    policy.shares = { ...DEFAULT_POLICY.shares, tierFactors: [1, 4] };
    const world = new DispatchedRooms(1, policy);
    const [gold, plain] = [roomsOf(world, 'gold', 30, 10), roomsOf(world, 'plain', 30, 10)];
    const wants = [...gold, ...plain].map((room) => [room, () => CUSTOM] as const);
    const ratio = () => {
      const before = [sent(gold), sent(plain)];
      saturate(world, wants, 10_000);
      return (sent(gold) - before[0]!) / (sent(plain) - before[1]!);
    };
    const first = ratio();
    t.ok(Math.abs(first - 4) < 0.2, `4 : 1, found ${first.toFixed(2)} : 1`);
    policy.shares = { ...policy.shares, tierFactors: [1, 2] };
    world.dispatcher.adopt(policy.tickMs);
    const second = ratio();
    t.ok(Math.abs(second - 2) < 0.1, `2 : 1, found ${second.toFixed(2)} : 1`);
    policy.tierByTenant = new Map([['plain', 1]]);
    world.dispatcher.adopt(policy.tickMs);
    const third = ratio();
    t.ok(Math.abs(third - 0.5) < 0.05, `1 : 2, found ${third.toFixed(2)} : 1`);
  },
);

t.test('SCHED-32 a premium write overtakes the rooms whose captions wait', async (t) => {
  const overtakenIn = (queue?: ArrivalOrder) => {
    const world = new DispatchedRooms(0.1, DEFAULT_POLICY, queue);
    const captions = Array.from({ length: 200 }, (_, index) => world.room(`t${index}`, 'room', 8));
    const premium = world.room('calm', 'room', 8);
    for (const room of captions) world.publish(room, nextInterim());
    world.runUntil(world.nowMs + 50);
    for (const room of captions) world.publish(room, nextInterim());
    while (captions.every(({ room }) => !room.due.flush && room.due.sinceMs < 0)) world.turn(Number.POSITIVE_INFINITY);
    const before = world.written.length;
    world.publish(premium, moderation('m'));
    while (premium.messages < 8) world.turn(Number.POSITIVE_INFINITY);
    return world.written.indexOf(premium) - before;
  };
  const perSlice = 1 / 0.8 + 1;
  // What captions may take in a turn is 6/17 of all of 16 deliveries' worth of the least class.
  t.ok(overtakenIn() <= (6 * MOST_DELIVERIES) / 8 + perSlice, `${overtakenIn()} of them went first`);
  t.ok(overtakenIn(new ArrivalOrder()) > 100, `in order of arrival ${overtakenIn(new ArrivalOrder())}`);
});

t.test('SCHED-32 what is premium takes the rest of its room’s write along', async (t) => {
  const world = new DispatchedRooms(0.1);
  const large = world.room('large', 'room', 1000);
  const others = Array.from({ length: 50 }, (_, index) => world.room(`t${index}`, 'room', 200, index));
  const wants = [large, ...others].map((room) => [room, () => CUSTOM] as const);
  saturate(world, wants, 3000);
  const leftNow = () => large.room.due.flush?.left ?? 0;
  while (leftNow() < 800) saturate(world, wants, 1);
  const left = leftNow();
  const [before, mine] = [sent(others), large.messages];
  world.publish(large, moderation('m'));
  while (large.messages < mine + left) world.turn(Number.POSITIVE_INFINITY);
  // Alone in the standard class the write would have waited for 50 others at every 16 deliveries.
  t.ok(sent(others) - before < left, `${sent(others) - before} deliveries to others before its end`);
  world.runUntil(world.nowMs + 5000);
  t.equal(large.messages % 1000, 0, 'and what was premium follows');
  t.equal(world.counters.outcome(DEFAULT_POLICY.classByKind[Kind.moderation]!, Outcome.delivered), 1);
});

t.test('SCHED-33 classes are written by their weights, and none less than its guard share', async (t) => {
  const frames = [() => FEEDBACK, nextInterim, () => CUSTOM, () => SUMMARY];
  for (const [weights, expected] of [
    [null, [8 / 17, 6 / 17, 2 / 17, 1 / 17]],
    [
      [1000, 1, 1, 1],
      [0.85, 0.05, 0.05, 0.05],
    ],
  ] as const) {
    const classes = DEFAULT_POLICY.shares.classes.map((claim, index) => {
      const at = frames.findIndex((next) => DEFAULT_POLICY.classByKind[next().kind!] === index);
      return weights === null || at < 0 ? claim : { weight: weights[at]!, guardShare: 0.05 };
    });
    const world = new DispatchedRooms(0.5, { ...DEFAULT_POLICY, shares: { ...DEFAULT_POLICY.shares, classes } });
    const rooms = frames.map((_, index) => roomsOf(world, `t${index}`, 60, 10));
    const wants = rooms.flatMap((of, index) => of.map((room) => [room, frames[index]!] as const));
    saturate(world, wants, 20_000);
    const total = sent(rooms.flat());
    const shares = rooms.map((of) => sent(of) / total);
    const far = shares.map((share, index) => Math.abs(share - expected[index]!) / expected[index]!);
    t.ok(
      far.every((by) => by < 0.06),
      `shares ${shares.map((share) => share.toFixed(3))}`,
    );
  }
});

t.test('SCHED-34 a room that was quiet is written before those of its tenant that always have something', async (t) => {
  const overtakenBy = (queue?: ArrivalOrder) => {
    const world = new DispatchedRooms(0.5, DEFAULT_POLICY, queue);
    const busy = roomsOf(world, 'acme', 60, 10);
    const wants = busy.map((room) => [room, nextInterim] as const);
    const quiet = world.room('acme', 'quiet', 4);
    saturate(world, wants, 3000);
    let most = 0;
    for (let time = 0; time < 20; time++) {
      const [before, had] = [sent(busy), quiet.messages];
      world.publish(quiet, nextFinal());
      while (quiet.messages === had) world.turn(Number.POSITIVE_INFINITY);
      most = Math.max(most, sent(busy) - before);
      saturate(world, wants, 1000);
    }
    return most;
  };
  t.ok(overtakenBy() <= 3 * MOST_DELIVERIES, `after at most ${overtakenBy()} deliveries to others`);
  t.ok(overtakenBy(new ArrivalOrder()) > 200, `in order of arrival ${overtakenBy(new ArrivalOrder())}`);
});

t.test('SCHED-30 a room waits in every class of which something is due, and one write ends that in all', async (t) => {
  const world = new DispatchedRooms(0);
  const room = world.room('acme', 'room', 3);
  for (const frame of [interim('s', 1, 1, 'so'), presence('key', 'value'), CUSTOM, SUMMARY, FEEDBACK]) {
    world.publish(room, frame);
    world.publish(room, frame);
  }
  let most = 0;
  const { queue } = world;
  const take = queue.take.bind(queue);
  queue.take = (nowMs) => {
    most = Math.max(most, queue.size);
    return take(nowMs);
  };
  world.runUntil(world.nowMs + 200);
  t.equal(most, 4, 'premium, captions, standard and deferred');
  t.equal(queue.size, 0);
  t.equal(room.first.length, 2, 'one write for what may not wait, one at the tick');
  t.same(world.counters.residuals().filter(Boolean), []);
  t.notOk(room.room.flushing);
});

/** What is published in which room, and how long nothing comes after it. */
const events = fc.array(fc.record({ room: fc.nat(11), frame: fc.nat(5), thenMs: fc.nat(40) }), {
  minLength: 20,
  maxLength: 80,
});
const NEXT = [nextInterim, nextFinal, () => CUSTOM, () => SUMMARY, () => moderation(`${++count}`), () => FEEDBACK];
const SIZES = [1, 2, 3, 5, 16, 17, 33, 70];

function play(world: DispatchedRooms, taken: readonly { room: number; frame: number; thenMs: number }[]) {
  count = 0;
  const rooms = Array.from({ length: 12 }, (_, index) =>
    world.room(`tenant ${index % 4}`, `${index}`, SIZES[index % SIZES.length]!, index),
  );
  for (const { room, frame, thenMs } of taken) {
    world.publish(rooms[room]!, NEXT[frame]!());
    const untilMs = world.nowMs + thenMs;
    while (world.nowMs < untilMs && world.turn(untilMs)) {
      if (world.queue.size > 0 && !world.busy) throw new Error('something waits, and nothing is done about it');
    }
    world.nowMs = Math.max(world.nowMs, untilMs);
  }
  world.runUntil(world.nowMs + 60_000);
  return rooms;
}

t.test(
  'SCHED-35 whatever comes, something is written while anything waits, and everything is in the end',
  async (t) => {
    const policy = { ...DEFAULT_POLICY, ttlMsByKind: DEFAULT_POLICY.ttlMsByKind.map(() => Number.POSITIVE_INFINITY) };
    fc.assert(
      fc.property(events, fc.constantFrom(0, 0.1, 2), (taken, sendMs) => {
        const world = new DispatchedRooms(sendMs, policy);
        const rooms = play(world, taken);
        if (world.queue.size > 0) throw new Error(`${world.queue.size} turns wait`);
        if (world.counters.queued.some((queued) => queued !== 0)) throw new Error('frames wait');
        for (const { messages, size, first, room } of rooms) {
          if (messages !== size * first.length) throw new Error(`${messages} messages for ${size} subscribers`);
          if (room.flushing) throw new Error('a room is taken to be writing');
          if (!world.dispatcher.forget(room)) throw new Error('a room cannot be given up');
        }
      }),
      { numRuns: 300, verbose: 1 },
    );
    t.pass();
  },
);

t.test(
  'SCHED-37 while writing takes no time, each subscriber gets the same messages as in order of arrival',
  async (t) => {
    let messages = 0;
    fc.assert(
      fc.property(events, (taken) => {
        const [fair, arrival] = [undefined, new ArrivalOrder()].map((queue) =>
          play(new DispatchedRooms(0, DEFAULT_POLICY, queue), taken),
        );
        fair!.forEach(({ first }, index) => {
          messages += first.length;
          const other = arrival![index]!.first;
          const differs = first.length !== other.length || first.some((message, at) => !message.equals(other[at]!));
          if (differs) throw new Error(`room ${index}: ${first.length} messages instead of ${other.length}`);
        });
      }),
      { numRuns: 300, verbose: 1 },
    );
    t.ok(messages > 1000, `${messages} messages`);
  },
);

t.test('SCHED-38 a large room is written in turns of 16 deliveries, between which others write', async (t) => {
  const world = new DispatchedRooms(0.01);
  const large = world.room('acme', 'large', 2000);
  world.publish(large, nextFinal());
  world.turn(Number.POSITIVE_INFINITY);
  t.ok(large.messages > 0 && large.messages < 200, `${large.messages} in the first slice`);
  for (const tenant of ['acme', 'other']) {
    const small = world.room(tenant, 'small', 2);
    const before = large.messages;
    world.publish(small, nextFinal());
    while (small.messages < 2) world.turn(Number.POSITIVE_INFINITY);
    t.ok(
      large.messages - before <= 2 * MOST_DELIVERIES + 100,
      `${large.messages - before} went before a room of ${tenant}`,
    );
  }
  t.ok(large.messages < 1000);
  world.runUntil(world.nowMs + 100);
  t.equal(large.messages, 2000);
  t.equal(world.queue.size, 0);
});

t.test('SCHED-39 what turns out to be stale costs its tenant and class nothing', async (t) => {
  const world = new DispatchedRooms(0.5);
  const stale = roomsOf(world, 'late', 100, 10);
  for (const room of stale) world.publish(room, nextInterim());
  world.nowMs += DEFAULT_POLICY.ttlMsByKind[Kind.caption]! + 1;
  const [late, other] = [roomsOf(world, 'late', 20, 10), roomsOf(world, 'other', 20, 10)];
  for (const room of [...late, ...other]) world.publish(room, nextFinal());
  const startMs = world.nowMs;
  world.runUntil(startMs + 50);
  t.equal(sent(stale), 0);
  t.ok(Math.abs(sent(late) - sent(other)) <= 2 * MOST_DELIVERIES, `${sent(late)} and ${sent(other)} messages`);
});

t.test('SCHED-40 writing gets half of the time, however much there is to read', async (t) => {
  for (const [readingMs, least] of [
    [0.5, 0.6],
    [4, 0.48],
    [10, 0.48],
    [40, 0.18],
  ] as const) {
    const world = new DispatchedRooms(0.1);
    const rooms = roomsOf(world, 'acme', 20, 50);
    const fromMs = world.nowMs;
    while (world.nowMs < fromMs + 2000) {
      for (const room of rooms) if (isIdle(room)) world.publish(room, nextFinal());
      world.nowMs += readingMs;
      world.turn(world.nowMs);
    }
    const share = (sent(rooms) * 0.1) / (world.nowMs - fromMs);
    t.ok(share >= least, `${readingMs} ms of reading at a time: ${share.toFixed(2)} of the time is spent writing`);
  }
});
