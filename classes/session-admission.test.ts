import fc from 'fast-check';
import t from 'tap';
import { Decision, SessionAdmission } from './session-admission.ts';

const common = { match: [], band: null };
const CONTROL = {
  ...common,
  name: 'control',
  plane: 'control' as const,
  session: { ratePerSecond: 20, burst: 30 },
  finals: null,
  retired: false,
};
const CAPTIONS = {
  ...common,
  name: 'captions',
  plane: 'metadata' as const,
  session: { ratePerSecond: 30, burst: 6 },
  finals: { ratePerSecond: 5, burst: 3 },
  retired: false,
};
const EVENTS = {
  ...common,
  name: 'events',
  plane: 'metadata' as const,
  session: { ratePerSecond: 50, burst: 10 },
  finals: null,
  retired: false,
};
const classes = [CONTROL, CAPTIONS, EVENTS];

const steps = fc.array(
  fc.record({
    gapMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 100, noNaN: true })),
    session: fc.nat(2),
    classIndex: fc.nat(2),
    final: fc.boolean(),
    verb: fc.constantFrom('admit', 'admit', 'admit', 'admit', 'grant', 'reopen'),
    share: fc.double({ min: 0.01, max: 1, noNaN: true }),
  }),
  { maxLength: 200, size: 'max' },
);

t.test('META-5 each session has its buckets and its credit, whatever the others do', async (t) => {
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 0.5, 3, 200), (taken, factor) => {
      const admission = new SessionAdmission({ classes });
      const rows = [admission.open(factor), admission.open(1), admission.open(factor)];
      const factors = [factor, 1, factor];
      const admitted = new Map<string, number[]>();
      const credits = rows.map((_, session) => classes.map(({ session: { burst } }) => burst * factors[session]!));
      let nowMs = 1000;
      for (const { gapMs, session, classIndex, final, verb, share } of taken) {
        nowMs += gapMs;
        const { plane, finals, session: ordinary } = classes[classIndex]!;
        const row = rows[session]!;
        const credit = credits[session]!;
        if (verb === 'reopen') {
          admission.close(row);
          rows[session] = admission.open(factors[session]);
          for (const key of [...admitted.keys()]) if (key.startsWith(`${session} `)) admitted.delete(key);
          credits[session] = classes.map(({ session: { burst } }) => burst * factors[session]!);
        } else if (verb === 'grant') {
          if (plane !== 'metadata') continue;
          const added = admission.grant(row, classIndex, share);
          const full = Math.max(1, Math.floor(ordinary.burst * factors[session]! * share));
          if (added !== Math.max(0, full - Math.floor(credit[classIndex]!))) throw new Error(`granted ${added}`);
          credit[classIndex]! += added;
        } else {
          const apart = final && finals !== null;
          const limit = apart ? finals : ordinary;
          const times = admitted.get(`${session} ${classIndex} ${apart}`) ?? [];
          admitted.set(`${session} ${classIndex} ${apart}`, times);
          const retryMs = apart ? 0 : admission.retryAfterMs(row, classIndex, nowMs);
          const decision = admission.admit(row, classIndex, final, nowMs);
          if (decision === Decision.admitted) {
            times.push(nowMs);
            const [rate, burst] = [limit.ratePerSecond * factors[session]!, limit.burst * factors[session]!];
            times.forEach((fromMs, index) => {
              const count = times.length - index;
              if (count > (rate * (nowMs - fromMs)) / 1000 + burst + 1e-6) throw new Error(`${count} since ${fromMs}`);
            });
            if (!apart && plane === 'metadata' && --credit[classIndex]! < 0) throw new Error('without credit');
            if (retryMs > 1e-6) throw new Error(`admitted, but told to wait ${retryMs} ms`);
          } else if (decision === Decision.noCredit) {
            if (plane !== 'metadata' || apart || credit[classIndex]! >= 1) throw new Error('there was credit');
          } else if (decision === Decision.finalsOverRate) {
            if (!apart || times.length < Math.floor(limit.burst * factors[session]!))
              throw new Error('a burst was refused');
          } else if (apart || retryMs <= 0) throw new Error('refused, but told not to wait');
          const low = plane === 'metadata' && credit[classIndex]! < (ordinary.burst * factors[session]!) / 2;
          if (admission.creditIsLow(row, classIndex) !== low) throw new Error(`low: ${!low}`);
        }
      }
    }),
    { numRuns: 1000, verbose: 1 },
  );
  t.pass();
});

t.test('META-5 a thousand sessions have as many rows', async (t) => {
  const admission = new SessionAdmission({ classes });
  const rows = Array.from({ length: 1000 }, () => admission.open());
  t.equal(new Set(rows).size, 1000);
  for (const row of rows) for (let frame = 0; frame < 6; frame++) admission.admit(row, 1, false, 0);
  t.ok(rows.every((row) => admission.admit(row, 1, false, 0) === Decision.overRate));
  t.ok(
    rows.every((row) => admission.admit(row, 2, false, 0) === Decision.admitted),
    'classes apart',
  );
});
