import t from 'tap';
import { LatencyRecord } from './latency-record.ts';
import { type LoopClock, openLoop } from './open-loop.ts';
import { schedule } from './schedule.ts';

/** A clock that the test moves: timers fire when it is moved past them. */
class HandClock implements LoopClock {
  #nowMs = 0;
  #wake: { atMs: number; call: () => void } | null = null;
  nowMs(): number {
    return this.#nowMs;
  }
  after(ms: number, call: () => void): () => void {
    this.#wake = { atMs: this.#nowMs + ms, call };
    return () => {
      this.#wake = null;
    };
  }
  moveTo(ms: number): void {
    this.#nowMs = ms;
    while (this.#wake && this.#wake.atMs <= ms) {
      const { call } = this.#wake;
      this.#wake = null;
      call();
    }
  }
}

t.test('LOAD-2 every send is fired once, in order, never early, however the timer comes', async (t) => {
  const clock = new HandClock();
  const fired: number[] = [];
  const times = schedule('poisson', 100, 1000, 3);
  const loop = openLoop(times, 0, clock, (index, intendedMs) => {
    t.ok(intendedMs <= clock.nowMs());
    t.equal(intendedMs, times[index]);
    fired.push(index);
  });
  for (const at of [3, 4, 50, 51, 700, 701, 999, 1000]) clock.moveTo(at);
  await loop.done;
  t.strictSame(
    fired,
    Array.from(times, (_, index) => index),
  );
});

t.test('LOAD-2 a stopped loop fires nothing more', async (t) => {
  const clock = new HandClock();
  let fired = 0;
  const loop = openLoop(schedule('constant', 100, 1000), 0, clock, () => {
    fired++;
  });
  clock.moveTo(100);
  loop.stop();
  clock.moveTo(1000);
  await loop.done;
  t.equal(fired, 11);
});

t.test('LOAD-3 a stall of the system shows in the percentiles, though only one request met it', async (t) => {
  // A server that answers in 1 ms, and once stands still for 1 s. A client of 100 requests a second that waits for
  // each answer would see one slow request of 1000; on schedule, all that fell due meanwhile are late as well.
  const times = schedule('constant', 100, 10_000);
  const [corrected, closed] = [new LatencyRecord(), new LatencyRecord()];
  let freeMs = 0;
  const clock = new HandClock();
  openLoop(times, 0, clock, (_, intendedMs) => {
    // The client itself stands still with the server, as a client on one thread may: sends are late.
    const sentMs = clock.nowMs();
    const stalled = intendedMs === 5000;
    freeMs = Math.max(freeMs, sentMs) + (stalled ? 1000 : 1);
    corrected.record(freeMs - intendedMs);
    closed.record(stalled ? 1000 : 1);
  });
  for (let ms = 0; ms <= 11_000; ms++) if (ms <= 5000 || ms >= 6000) clock.moveTo(ms);
  t.equal(corrected.count, times.length);
  t.ok(closed.percentileMs(99) < 2, 'without the correction p99 sees nothing');
  t.ok(corrected.percentileMs(99) > 800, `with it p99 is ${corrected.percentileMs(99)} ms`);
  t.ok(corrected.percentileMs(95) > 400);
});
