import fc from 'fast-check';
import t from 'tap';
import { AdmissionHierarchy, Decision } from './admission-hierarchy.ts';
import type { LevelName } from './class-limits.ts';
import { byLevel, classWith, type Limits, limit, ownerOf, policyWith } from './fixtures/admission.ts';

const NONE = byLevel({});

/** A hierarchy in which the one class has budgets of model tokens and of money. */
function world(modelTokens: Limits, spend: Limits = {}): { admission: AdmissionHierarchy; flows: number[] } {
  const limits = { frames: NONE, modelTokens: byLevel(modelTokens), spend: byLevel(spend) };
  const admission = new AdmissionHierarchy(policyWith([classWith({}, { limits })]));
  return { admission, flows: Array.from({ length: 8 }, (_, flow) => admission.open(ownerOf(flow))) };
}

const DEBTOR: Readonly<Record<LevelName, Decision>> = {
  session: Decision.session,
  user: Decision.user,
  room: Decision.room,
  tenant: Decision.tenant,
  gateway: Decision.gateway,
};

t.test(
  'ADMIT-13 what costs passes while nobody is in debt, and is charged to session, user, room, tenant and gateway',
  async (t) => {
    for (const level of ['session', 'user', 'room', 'tenant', 'gateway'] as const) {
      const { admission, flows } = world({ [level]: limit(100, 1000) });
      const [one, other] = [flows[0]!, flows[1]!];
      admission.costs.charge(one, 0, 900, 0, 1000);
      t.equal(admission.costs.admit(one, 0, 1000), Decision.admitted, 'something is left');
      admission.costs.charge(one, 0, 400, 0, 1000);
      t.equal(admission.costs.admit(one, 0, 1000), DEBTOR[level], '300 of debt');
      t.ok(Math.abs(admission.costs.retryAfterMs(one, 0, 1000) - 3000) < 1, `${level}: 300 at 100 a second`);
      t.equal(admission.costs.admit(one, 0, 3999), DEBTOR[level]);
      t.equal(admission.costs.admit(one, 0, 4001), Decision.admitted);
      // Flows 0 and 1 are of one user, tenant and gateway, and of two sessions and rooms.
      const shared = level !== 'session' && level !== 'room';
      t.equal(admission.costs.admit(other, 0, 1000), shared ? DEBTOR[level] : Decision.admitted, 'another session');
    }
  },
);

t.test('ADMIT-13 a budget spends rate · W and its burst, and at most another burst of debt', async (t) => {
  const charges = fc.array(
    fc.record({ gapMs: fc.double({ min: 0, max: 3000, noNaN: true }), cost: fc.integer({ min: 0, max: 400 }) }),
    { maxLength: 80, size: 'max' },
  );
  fc.assert(
    fc.property(charges, fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 500 }), (charges, rate, burst) => {
      const { admission, flows } = world({ tenant: limit(rate, burst) });
      let nowMs = 1e6;
      const spent: { atMs: number; cost: number }[] = [];
      for (const { gapMs, cost: wanted } of charges) {
        nowMs += gapMs;
        // At most a burst at once: more is not charged in full.
        const cost = Math.min(wanted, burst);
        const waitMs = admission.costs.retryAfterMs(flows[0]!, 0, nowMs);
        if (admission.costs.admit(flows[0]!, 0, nowMs) !== Decision.admitted) {
          if (waitMs <= 0) throw new Error('refused, and told not to wait');
          if (admission.costs.admit(flows[0]!, 0, nowMs + waitMs + 1e-3) !== Decision.admitted)
            throw new Error('told wrong');
          continue;
        }
        if (waitMs > 0) throw new Error('admitted, and told to wait');
        admission.costs.charge(flows[0]!, 0, cost, 0, nowMs);
        spent.push({ atMs: nowMs, cost });
      }
      // Of what is spent in a window only the last can have begun without debt and end in it.
      for (let from = 0; from < spent.length; from++) {
        let sum = 0;
        for (let to = from; to < spent.length; to++) {
          const before = sum;
          sum += spent[to]!.cost;
          const windowMs = spent[to]!.atMs - spent[from]!.atMs;
          if (before > (rate * windowMs) / 1000 + burst + 0.01) throw new Error(`${before} before ${windowMs} ms`);
        }
      }
    }),
    { numRuns: 300 },
  );
  const { admission, flows } = world({ tenant: limit(100, 1000) });
  admission.costs.charge(flows[0]!, 0, 4e9, 0, 1000);
  t.ok(
    Math.abs(admission.costs.retryAfterMs(flows[0]!, 0, 1000) - 10_000) < 1,
    'one wild figure costs a burst of debt, no more',
  );
});

t.test('ADMIT-13 model tokens and money are kept apart, and both must not be in debt', async (t) => {
  const { admission, flows } = world({ session: limit(100, 1000) }, { tenant: limit(0.5, 2) });
  admission.costs.charge(flows[0]!, 0, 10, 3, 1000);
  t.equal(admission.costs.admit(flows[0]!, 0, 1000), Decision.tenant);
  t.ok(Math.abs(admission.costs.retryAfterMs(flows[0]!, 0, 1000) - 2000) < 1, 'one at half a unit a second');
  t.equal(admission.admit(flows[0]!, 0, false, 1000), Decision.admitted, 'frames that cost nothing pass');
});

t.test('ADMIT-4 going and coming back pays no debt', async (t) => {
  const { admission, flows } = world({ user: limit(100, 1000) });
  for (const flow of flows) admission.costs.charge(flow, 0, 700, 0, 1000);
  for (const flow of flows) admission.close(flow, 1000);
  admission.sweep(1000);
  const again = admission.open(ownerOf(0));
  t.equal(admission.costs.admit(again, 0, 1000), Decision.user);
});
