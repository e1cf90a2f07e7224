/** What the cursor costs per frame: `node backpressure/overload-cursor.bench.ts`. Nanoseconds, the least of five rounds. */
import { CURSOR_LEVELS, OverloadCursor } from './overload-cursor.ts';

const FRAMES = 2_000_000;

/** Prints the cost of a decision while the last window's delay was `delayMs`. */
function measure(name: string, delayMs: number): void {
  let least = Number.POSITIVE_INFINITY;
  let passed = 0;
  for (let round = 0; round < 5; round++) {
    const cursor = new OverloadCursor();
    const offer = () => {
      for (let frame = 0; frame < FRAMES; frame++) {
        if (cursor.admits(frame % CURSOR_LEVELS, frame >>> 3, frame)) passed++;
      }
    };
    offer();
    cursor.endWindow({ delayMs, served: FRAMES / 4, backlog: delayMs > 0 ? FRAMES / 4 : 0 });
    const startMs = performance.now();
    passed = 0;
    offer();
    least = Math.min(least, performance.now() - startMs);
  }
  const share = `${((100 * passed) / FRAMES).toFixed(0)} % pass`;
  console.log(`${name.padEnd(24)}${((least * 1e6) / FRAMES).toFixed(1).padStart(6)} ns   ${share}`);
}

measure('nothing is limited', 0);
measure('under overload', 20);
