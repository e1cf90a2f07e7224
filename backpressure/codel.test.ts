import fc from 'fast-check';
import t from 'tap';
import { CODEL_INTERVAL_MS, CODEL_TARGET_MS, CodelRows } from './codel.ts';
import { RowTable } from './row-table.ts';

/**
 * The pseudo-code of RFC 8289, sections 5.3 to 5.6, on a queue of arrival times; only, the time of the next drop advances with
 * every drop, also with the last of a run.
 */
class Reference {
  readonly #queue: number[] = [];
  #firstAboveMs = 0;
  #dropNextMs = 0;
  #count = 0;
  #lastCount = 0;
  #dropping = false;
  readonly dropped: number[] = [];

  enqueue(nowMs: number): void {
    this.#queue.push(nowMs);
  }

  dequeue(nowMs: number): number | undefined {
    let { sinceMs, okToDrop } = this.#doDequeue(nowMs);
    if (this.#dropping) {
      if (!okToDrop) this.#dropping = false;
      while (this.#dropping && nowMs >= this.#dropNextMs) {
        this.dropped.push(sinceMs!);
        this.#count++;
        ({ sinceMs, okToDrop } = this.#doDequeue(nowMs));
        if (!okToDrop) this.#dropping = false;
        this.#dropNextMs += CODEL_INTERVAL_MS / Math.sqrt(this.#count);
      }
    } else if (okToDrop) {
      this.dropped.push(sinceMs!);
      ({ sinceMs, okToDrop } = this.#doDequeue(nowMs));
      this.#dropping = true;
      const delta = this.#count - this.#lastCount;
      const recent = nowMs - this.#dropNextMs < 16 * CODEL_INTERVAL_MS;
      this.#count = delta > 1 && recent ? delta : 1;
      this.#dropNextMs = nowMs + CODEL_INTERVAL_MS / Math.sqrt(this.#count);
      this.#lastCount = this.#count;
      if (!okToDrop) this.#dropping = false;
    }
    return sinceMs;
  }

  #doDequeue(nowMs: number): { sinceMs: number | undefined; okToDrop: boolean } {
    const waiting = this.#queue.length;
    const sinceMs = this.#queue.shift();
    if (sinceMs === undefined || nowMs - sinceMs < CODEL_TARGET_MS || waiting <= 1) {
      this.#firstAboveMs = 0;
      return { sinceMs, okToDrop: false };
    }
    if (this.#firstAboveMs === 0) this.#firstAboveMs = nowMs + CODEL_INTERVAL_MS;
    return { sinceMs, okToDrop: nowMs >= this.#firstAboveMs };
  }
}

t.test(
  'SCHED-11 a flow whose wait stays above 5 ms for 100 ms loses frames as RFC 8289 says, and no others',
  async (t) => {
    const turns = fc.array(fc.record({ arrivals: fc.nat(4), departures: fc.nat(3), passMs: fc.nat(12) }), {
      minLength: 20,
      maxLength: 400,
      size: 'max',
    });
    let drops = 0;
    fc.assert(
      fc.property(turns, (taken) => {
        const reference = new Reference();
        const rows = new RowTable(4);
        const codel = new CodelRows(rows, 2);
        codel.open(3);
        const queue: number[] = [];
        const dropped: number[] = [];
        let nowMs = 1000;
        for (const { arrivals, departures, passMs } of taken) {
          nowMs += passMs;
          for (let frame = 0; frame < arrivals; frame++) {
            queue.push(nowMs);
            reference.enqueue(nowMs);
          }
          for (let frame = 0; frame < departures && queue.length > 0; frame++) {
            while (codel.drops(3, nowMs - queue[0]!, queue.length, nowMs)) dropped.push(queue.shift()!);
            const left = queue.shift();
            if (reference.dequeue(nowMs) !== left) throw new Error(`at ${nowMs} ms another frame left`);
          }
          if (reference.dropped.length !== dropped.length) throw new Error(`at ${nowMs} ms: ${dropped.length} drops`);
        }
        drops += dropped.length;
      }),
      { numRuns: 1000, verbose: 1 },
    );
    t.ok(drops > 1000, `${drops} drops in all`);
  },
);
