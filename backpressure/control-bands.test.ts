import fc from 'fast-check';
import t from 'tap';
import { Banded, ControlBands } from './control-bands.ts';
import { NOTHING_QUEUED } from './enqueued.ts';

const steps = fc.array(
  fc.oneof(
    fc.record({
      verb: fc.constant('enqueue' as const),
      band: fc.constantFrom(0 as const, 1 as const),
      begins: fc.boolean(),
      passMs: fc.nat(5),
    }),
    fc.record({ verb: fc.constant('dequeue' as const) }),
  ),
  { maxLength: 300, size: 'max' },
);

t.test(
  'SCHED-12 band 0 leaves before band 1, each in order and bounded, and only beginnings are refused',
  async (t) => {
    const told = { queued: 0, refused: 0, full: 0 };
    fc.assert(
      fc.property(steps, (taken) => {
        const bands = new ControlBands(3, { ratePerSecond: 200, burst: 3 });
        const model: [number[], number[]] = [[], []];
        let nowMs = 0;
        let admitted = 0;
        taken.forEach((step, item) => {
          if (step.verb === 'dequeue') {
            const expected = model[0].shift() ?? model[1].shift() ?? NOTHING_QUEUED;
            if (bands.dequeue() !== expected) throw new Error(`expected ${expected} to leave`);
            return;
          }
          nowMs += step.passMs;
          const retryAfterMs = bands.retryAfterMs(nowMs);
          const outcome = bands.enqueue(step.band, step.begins, item, nowMs);
          if (outcome === Banded.refused) {
            told.refused++;
            if (!step.begins || retryAfterMs <= 0) throw new Error('refused, though it was due or begins nothing');
          } else if (outcome === Banded.full) {
            told.full++;
            if (model[step.band].length < 3) throw new Error('full too soon');
          } else {
            told.queued++;
            if (step.begins && retryAfterMs > 1e-9) throw new Error('taken though it was not due');
            model[step.band].push(item);
            if (step.begins) admitted++;
          }
          if (bands.queued(0) !== model[0].length || bands.queued(1) !== model[1].length) throw new Error('counts');
        });
        if (admitted > 3 + (nowMs * 200) / 1000 + 1e-6) throw new Error(`${admitted} beginnings in ${nowMs} ms`);
      }),
      { numRuns: 2000, verbose: 1 },
    );
    t.ok(told.queued > 10_000 && told.refused > 1000 && told.full > 500, 'all of it happened', { found: told });
  },
);

t.test('SCHED-12 what was refused is taken after the time told, and a new rate forgives nothing', async (t) => {
  const bands = new ControlBands(100, { ratePerSecond: 100, burst: 1 });
  for (let frame = 0; frame < 5; frame++) t.equal(bands.enqueue(1, false, frame, 0), Banded.queued);
  t.equal(bands.retryAfterMs(0), 50, 'five frames of 10 ms each are owed');
  t.equal(bands.enqueue(0, true, 9, 49), Banded.refused);
  bands.adopt({ ratePerSecond: 1000, burst: 1 });
  t.equal(bands.enqueue(0, true, 9, 49), Banded.refused);
  t.equal(bands.enqueue(0, true, 9, 50), Banded.queued);
  t.throws(() => bands.adopt({ ratePerSecond: 0, burst: 1 }), /expected a rate above 0/);
});
