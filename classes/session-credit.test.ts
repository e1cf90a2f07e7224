/** That each session has its own buckets and credit in every class, whatever the other sessions do. */
import fc from 'fast-check';
import t from 'tap';
import { AdmissionHierarchy, Decision } from './admission-hierarchy.ts';
import { classWith, limit, policyWith } from './fixtures/admission.ts';

const classes = [
  classWith({ session: limit(20, 30) }, { name: 'control', plane: 'control', band: 0 }),
  classWith({ session: limit(30, 6) }, { name: 'captions', finals: limit(5, 3) }),
  classWith({ session: limit(50, 10) }),
];
const OWNER = { tenant: 'acme', identity: 'ann', room: 'big' };

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
      const admission = new AdmissionHierarchy(policyWith(classes));
      const factors = [factor, 1, factor];
      const flows = factors.map((each) => admission.open(OWNER, each));
      const admitted = new Map<string, number[]>();
      const credits = factors.map((each) => classes.map(({ session: { burst } }) => burst * each));
      let nowMs = 1000;
      for (const { gapMs, session, classIndex, final, verb, share } of taken) {
        nowMs += gapMs;
        const { plane, finals, session: ordinary } = classes[classIndex]!;
        const flow = flows[session]!;
        const row = admission.sessionOf(flow);
        const credit = credits[session]!;
        if (verb === 'reopen') {
          admission.close(flow, nowMs);
          flows[session] = admission.open(OWNER, factors[session]);
          for (const key of [...admitted.keys()]) if (key.startsWith(`${session} `)) admitted.delete(key);
          credits[session] = classes.map(({ session: { burst } }) => burst * factors[session]!);
        } else if (verb === 'grant') {
          if (plane !== 'metadata') continue;
          const added = admission.credits.grant(row, classIndex, share);
          const full = Math.max(1, Math.floor(ordinary.burst * factors[session]! * share));
          if (added !== Math.max(0, full - Math.floor(credit[classIndex]!))) throw new Error(`granted ${added}`);
          credit[classIndex]! += added;
        } else {
          const apart = final && finals !== null;
          const limits = apart ? finals : ordinary;
          const times = admitted.get(`${session} ${classIndex} ${apart}`) ?? [];
          admitted.set(`${session} ${classIndex} ${apart}`, times);
          const retryMs = admission.retryAfterMs(flow, classIndex, final, nowMs);
          const look = admission.look(row, classIndex, final, nowMs);
          const decision = admission.admit(flow, classIndex, final, nowMs);
          if (look !== decision) throw new Error('a look decides otherwise than admission, though only sessions limit');
          if (decision === Decision.admitted) {
            times.push(nowMs);
            const rate = limits.ratePerSecond * factors[session]!;
            // However small its factor, a bucket holds one frame.
            const burst = Math.max(1, limits.burst * factors[session]!);
            times.forEach((fromMs, index) => {
              const count = times.length - index;
              if (count > (rate * (nowMs - fromMs)) / 1000 + burst + 0.0011)
                throw new Error(`${count} since ${fromMs}`);
            });
            if (!apart && plane === 'metadata' && --credit[classIndex]! < 0) throw new Error('without credit');
            if (retryMs > 1e-6) throw new Error(`admitted, but told to wait ${retryMs} ms`);
          } else if (decision === Decision.noCredit) {
            if (plane !== 'metadata' || apart || credit[classIndex]! >= 1) throw new Error('there was credit');
          } else if (retryMs <= 0) throw new Error('refused, but told not to wait');
          else if (apart && times.length < Math.floor(limits.burst * factors[session]!))
            throw new Error('a burst was refused');
          const low = plane === 'metadata' && credit[classIndex]! < (ordinary.burst * factors[session]!) / 2;
          if (admission.credits.isLow(row, classIndex) !== low) throw new Error(`low: ${!low}`);
        }
      }
    }),
    { numRuns: 1000, verbose: 1 },
  );
  t.pass();
});

t.test('META-5 a thousand sessions have as many rows', async (t) => {
  const admission = new AdmissionHierarchy(policyWith(classes));
  const flows = Array.from({ length: 1000 }, () => admission.open(OWNER));
  t.equal(new Set(flows.map((flow) => admission.sessionOf(flow))).size, 1000);
  for (const flow of flows) for (let frame = 0; frame < 6; frame++) admission.admit(flow, 1, false, 0);
  t.ok(flows.every((flow) => admission.admit(flow, 1, false, 0) === Decision.session));
  t.ok(
    flows.every((flow) => admission.admit(flow, 2, false, 0) === Decision.admitted),
    'classes apart',
  );
});

t.test('ADMIT-9 many flows of one session have one session’s buckets', async (t) => {
  const admission = new AdmissionHierarchy(policyWith(classes));
  const session = admission.openSession(2);
  const flows = ['big', 'small'].map((room) => admission.openFlow(session, { ...OWNER, identity: null, room }));
  let admitted = 0;
  for (let frame = 0; frame < 20; frame++) {
    for (const flow of flows) if (admission.admit(flow, 2, false, 1000) === Decision.admitted) admitted++;
  }
  t.equal(admitted, 20, 'twice the burst of 10');
  for (const flow of flows) admission.close(flow, 1000);
  t.equal(admission.look(session, 2, false, 1000), Decision.session, 'the session stays until it is closed');
  admission.closeSession(session);
  t.equal(admission.openSession(), session, 'then its row is used again');
});
