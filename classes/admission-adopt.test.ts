/** What becomes of live balances when another policy comes into force. */
import fc from 'fast-check';
import t from 'tap';
import { AdmissionHierarchy, Decision } from './admission-hierarchy.ts';
import { arbitraryLimits, arrivals, classWith, type Limits, limit, ownerOf, policyWith } from './fixtures/admission.ts';

const OWNER = { tenant: 'acme', identity: 'ann', room: 'big' };

function spend(admission: AdmissionHierarchy, flow: number, classIndex: number, nowMs: number): number {
  for (let admitted = 0; ; admitted++) {
    admission.credits.grant(admission.sessionOf(flow), classIndex, 1);
    if (admission.admit(flow, classIndex, false, nowMs) !== Decision.admitted) return admitted;
  }
}

t.test('ADMIT-10 what is left of a burst stays the same part of it, at every level', async (t) => {
  for (const level of ['session', 'user', 'room', 'tenant', 'gateway'] as const) {
    const admission = new AdmissionHierarchy(policyWith([classWith({ [level]: limit(10, 100) })]));
    const flow = admission.open(OWNER);
    for (let frame = 0; frame < 75; frame++) admission.admit(flow, 0, false, 1000);
    admission.adopt(policyWith([classWith({ [level]: limit(50, 40) })]), 1000);
    t.equal(spend(admission, flow, 0, 1000), 10, `${level}: a quarter of 40`);
    t.equal(spend(admission, flow, 0, 1100), 5, 'earned at the new rate');
  }
});

t.test('ADMIT-10 going to and fro between policies refills nothing', async (t) => {
  fc.assert(
    fc.property(arbitraryLimits(true), arbitraryLimits(true), arrivals, (one: Limits, other: Limits, arrivals) => {
      const [still, restless] = [one, one].map((limits) => new AdmissionHierarchy(policyWith([classWith(limits)])));
      const open = (admission: AdmissionHierarchy) =>
        Array.from({ length: 8 }, (_, flow) => admission.open(ownerOf(flow)));
      const [stillFlows, restlessFlows] = [open(still!), open(restless!)];
      let nowMs = 1e6;
      for (const { gapMs, flow } of arrivals) {
        nowMs += gapMs;
        // A limit that the other policy has not is full when it comes back: such a level is left as it is.
        const both = Object.fromEntries(
          Object.entries(one).map(([level, own]) => {
            const foreign = other[level as keyof Limits];
            const alike =
              foreign !== undefined && (own.ceilPerSecond === undefined || foreign.ceilPerSecond !== undefined);
            return [level, alike ? foreign : own];
          }),
        );
        restless!.adopt(policyWith([classWith(both)]), nowMs);
        restless!.adopt(policyWith([classWith(one)]), nowMs);
        const waits = [
          still!.retryAfterMs(stillFlows[flow]!, 0, false, nowMs),
          restless!.retryAfterMs(restlessFlows[flow]!, 0, false, nowMs),
        ];
        if (Math.abs(waits[0]! - waits[1]!) > 1e-6 * (1 + waits[0]!)) throw new Error(`${waits[0]} and ${waits[1]} ms`);
        for (const [admission, flows] of [
          [still!, stillFlows],
          [restless!, restlessFlows],
        ] as const) {
          admission.credits.grant(admission.sessionOf(flows[flow]!), 0, 1);
          if (waits[0]! <= 0 || waits[0]! > 1e-3) admission.admit(flows[flow]!, 0, false, nowMs);
        }
      }
    }),
    { numRuns: 200, verbose: 1 },
  );
  t.pass();
});

t.test(
  'ADMIT-10 classes that come are full, those that stay keep their indexes, and rates of tiers change',
  async (t) => {
    const one = classWith({ tenant: limit(10, 10) });
    const admission = new AdmissionHierarchy(policyWith([one], { acme: 2 }));
    const flow = admission.open(OWNER);
    t.equal(spend(admission, flow, 0, 1000), 20);
    const come = classWith({ session: limit(1, 7), user: limit(1, 5) }, { name: 'new' });
    admission.adopt(policyWith([one, come], { acme: 4 }), 1000);
    t.equal(spend(admission, flow, 0, 1000), 0, 'what is used up stays so');
    t.equal(spend(admission, flow, 0, 2000), 40, 'four times ten a second');
    t.equal(spend(admission, flow, 1, 1000), 5);
    const later = admission.open({ ...OWNER, identity: 'bob' });
    t.equal(spend(admission, later, 1, 1000), 5, 'a session of after the change');
  },
);

t.test('ADMIT-10 credit that was granted stays good; a new class has none until it is granted some', async (t) => {
  const admission = new AdmissionHierarchy(policyWith([classWith({ session: limit(10, 100) })]));
  const flow = admission.open(OWNER);
  const session = admission.sessionOf(flow);
  const come = classWith({ session: limit(10, 8) }, { name: 'new' });
  admission.adopt(policyWith([classWith({ session: limit(1000, 1000) }), come]), 1000);
  let admitted = 0;
  while (admission.admit(flow, 0, false, 1000) === Decision.admitted) admitted++;
  t.equal(admitted, 100);
  t.equal(admission.admit(flow, 1, false, 1000), Decision.noCredit);
  t.equal(admission.credits.grant(session, 1, 1), 8);
  t.equal(admission.admit(flow, 1, false, 1000), Decision.admitted);
});

t.test('ADMIT-10 limits where there were none hold for those who are there, each by his factor', async (t) => {
  const none = classWith({ session: limit(1000, 1000) });
  const some = classWith({ session: limit(1000, 1000), user: limit(1, 7) }, { finals: limit(1, 4) });
  const admission = new AdmissionHierarchy(policyWith([none]));
  const flows = Array.from({ length: 40 }, (_, index) => admission.open({ ...OWNER, identity: `user ${index}` }, 3));
  for (const policy of [some, none, some]) admission.adopt(policyWith([policy]), 1000);
  const later = admission.open({ ...OWNER, identity: 'later' }, 3);
  for (const flow of [flows[0]!, flows[39]!, later]) {
    let finals = 0;
    while (admission.look(admission.sessionOf(flow), 0, true, 1000) === Decision.admitted) {
      admission.admitSession(admission.sessionOf(flow), 0, true, 1000);
      finals++;
    }
    t.equal(finals, 12, 'three times four');
    t.equal(spend(admission, flow, 0, 1000), 7);
  }
  admission.adopt(policyWith([none]), 1000);
  admission.close(later, 1000);
  const another = admission.open({ ...OWNER, identity: 'another' }, 1);
  admission.adopt(policyWith([some]), 1000);
  t.equal(spend(admission, another, 0, 1000), 7, 'whose row was somebody else’s before');
});
