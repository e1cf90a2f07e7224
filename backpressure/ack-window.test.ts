import fc from 'fast-check';
import t from 'tap';
import { AckWindow } from './ack-window.ts';

const LIMIT_BYTES = 1000;
/** Batches in flight beyond which an acknowledging subscriber has no room. */
const MOST_INFLIGHT = 255;

type Step = { send: number } | { ack: number } | { resume: number };

/** Steps by share of what is in flight, so that most of them mean something. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ send: fc.integer({ min: 1, max: 400 }) }) },
    { weight: 3, arbitrary: fc.record({ ack: fc.double({ min: -0.5, max: 1.5, noNaN: true }) }) },
    { weight: 1, arbitrary: fc.record({ resume: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  ),
  { maxLength: 400, size: 'max' },
);

t.test('META-24 a window counts what is in flight, as a plain list of batches would', async (t) => {
  fc.assert(
    fc.property(steps, (taken) => {
      const window = new AckWindow(5);
      const batches: { bytes: number; position: number }[] = [];
      let acked = 0;
      let inflightFrom = 0;
      let acknowledging = false;
      const at = (share: number) => Math.round(acked + share * (batches.length - acked));
      for (const step of taken) {
        if ('send' in step) {
          // As a room does: an acknowledging subscriber without room is sent nothing.
          if (acknowledging && !window.hasRoom(LIMIT_BYTES)) continue;
          const position = (batches.at(-1)?.position ?? 5) + (step.send % 3);
          batches.push({ bytes: step.send, position });
          fc.pre(window.sent(step.send, position) === batches.length);
        } else if ('ack' in step) {
          const number = at(step.ack);
          const isNews = number > acked && number <= batches.length;
          if (window.acked(number) !== isNews) throw new Error(`ack of ${number} of ${acked}..${batches.length}`);
          if (!isNews) continue;
          acked = number;
          inflightFrom = Math.max(inflightFrom, number);
          acknowledging = true;
        } else {
          const number = at(step.resume);
          window.resumeAfter(number);
          acked = Math.max(acked, number);
          inflightFrom = batches.length;
          acknowledging = false;
        }
        if (window.acknowledging !== acknowledging) throw new Error('acknowledging');
        if (!acknowledging) continue;
        const inflight = batches.slice(inflightFrom).reduce((sum, { bytes }) => sum + bytes, 0);
        if (batches.length - acked <= MOST_INFLIGHT && window.unackedBytes !== inflight) {
          throw new Error(`${window.unackedBytes} bytes in flight instead of ${inflight}`);
        }
        const room = inflight < LIMIT_BYTES && batches.length - acked < MOST_INFLIGHT;
        if (window.hasRoom(LIMIT_BYTES) !== room) throw new Error(`room: ${!room}`);
      }
    }),
    { numRuns: 1000, verbose: 1 },
  );
  t.pass('for any order of sending, acknowledging and resuming');
});

t.test('META-27 the last acknowledged batch and all after it can be resumed after, and are held', async (t) => {
  fc.assert(
    fc.property(steps, (taken) => {
      const window = new AckWindow(0);
      const positions = [0];
      let acked = 0;
      for (const step of taken) {
        if ('send' in step) {
          if (window.lastNumber - acked >= MOST_INFLIGHT) continue;
          positions.push(positions.at(-1)! + (step.send % 3));
          window.sent(step.send, positions.at(-1)!);
        } else if ('ack' in step) {
          const number = Math.round(acked + step.ack * (window.lastNumber - acked));
          if (window.acked(number)) acked = number;
        } else {
          const number = Math.round(acked + step.resume * (window.lastNumber - acked));
          window.resumeAfter(number);
          acked = Math.max(acked, number);
        }
        for (let number = Math.max(1, acked); number <= window.lastNumber; number++) {
          if (window.positionAt(number) !== positions[number]) throw new Error(`batch ${number} after ${acked}`);
        }
        const held = window.heldPosition;
        if (window.acknowledging && held !== positions[acked]) throw new Error(`holds ${held}, not that of ${acked}`);
        if (held > positions.at(-1)! || held < 0) throw new Error(`holds ${held}`);
      }
      if (window.positionAt(window.lastNumber + 1) !== -1) throw new Error('knows the future');
    }),
    { numRuns: 500, verbose: 1 },
  );
  t.pass('however many are in flight');
});
