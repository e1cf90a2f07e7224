import fc from 'fast-check';
import t from 'tap';
import { AdmissionHierarchy, Decision } from './admission-hierarchy.ts';
import { LEVELS, type LevelName } from './class-limits.ts';
import { arbitraryLimits, arrivals, classWith, limit, ownerOf, policyWith } from './fixtures/admission.ts';
import { checkAdmittedRates, Ledger, RUNS, World } from './fixtures/admission-world.ts';

t.test('ADMIT-1 at no level and in no window is more admitted than rate · W + burst', async (t) => {
  checkAdmittedRates(false, ({ ratePerSecond }) => ratePerSecond);
  t.pass('sessions, users, rooms, tenants and the gateway');
});

t.test('ADMIT-2 a frame that one level refuses is charged at none', async (t) => {
  fc.assert(
    fc.property(arbitraryLimits(true), arrivals, (limits, arrivals) => {
      const [all, without] = [new World(limits), new World(limits)];
      for (const { gapMs, flow } of arrivals) {
        all.nowMs += gapMs;
        without.nowMs = all.nowMs;
        if (all.admit(flow) !== Decision.admitted) continue;
        if (without.admit(flow) !== Decision.admitted) throw new Error('refused where nothing else was refused before');
      }
      for (let flow = 0; flow < 8; flow++) {
        if (all.retryAfterMs(flow) !== without.retryAfterMs(flow))
          throw new Error(`flow ${flow} has paid for a refusal`);
      }
    }),
    RUNS,
  );
  t.pass('what was refused left no trace');
});

t.test('ADMIT-2 the outcome names the innermost level that refuses', async (t) => {
  const small = limit(1, 2);
  const wide = limit(1000, 100);
  const who: Record<LevelName, Decision> = {
    session: Decision.session,
    user: Decision.user,
    room: Decision.room,
    tenant: Decision.tenant,
    gateway: Decision.gateway,
  };
  for (const level of LEVELS) {
    const world = new World({ ...Object.fromEntries(LEVELS.map((each) => [each, wide])), [level]: small });
    t.equal(world.admit(0), Decision.admitted);
    t.equal(world.admit(0), Decision.admitted);
    t.equal(world.admit(0), who[level], level);
  }
});

t.test('ADMIT-3 sessions of one user share what the user may have, and not with another', async (t) => {
  const admission = new AdmissionHierarchy(policyWith([classWith({ user: limit(10, 20) })]));
  const owner = { tenant: 'acme', identity: 'ann', room: 'big' };
  const flows = Array.from({ length: 10 }, (_, index) => admission.open({ ...owner, room: `room ${index % 2}` }));
  let admitted = 0;
  for (let round = 0; round < 10; round++) {
    for (const flow of flows) if (admission.admit(flow, 0, false, 1000) === Decision.admitted) admitted++;
  }
  t.equal(admitted, 20, 'one burst for ten sessions, in two rooms');
  t.equal(admission.admit(flows[3]!, 0, false, 1000), Decision.user);
  const others = [
    { ...owner, identity: 'bob' },
    { ...owner, tenant: 'other' },
  ];
  for (const other of others) t.equal(admission.admit(admission.open(other), 0, false, 1000), Decision.admitted);
  // Keys are made of two names: no two pairs may look alike.
  const [a, b] = [
    { tenant: 'a', identity: 'bc', room: '' },
    { tenant: 'ab', identity: 'c', room: '' },
  ].map((one) => admission.open(one));
  for (let frame = 0; frame < 20; frame++) admission.admit(a!, 0, false, 1000);
  t.equal(admission.admit(b!, 0, false, 1000), Decision.admitted);
});

t.test('ADMIT-4 who goes and comes back finds his user, room and tenant as he left them', async (t) => {
  const admission = new AdmissionHierarchy(policyWith([classWith({ user: limit(10, 5), tenant: limit(100, 50) })]));
  const owner = { tenant: 'acme', identity: 'ann', room: 'big' };
  for (let time = 0, nowMs = 1000; time < 20; time++, nowMs += 1) {
    const flow = admission.open(owner);
    for (let frame = 0; frame < 5; frame++) {
      const decision = admission.admit(flow, 0, false, nowMs);
      t.equal(decision, time === 0 ? Decision.admitted : Decision.user, `time ${time}, frame ${frame}`);
    }
    admission.close(flow, nowMs);
    admission.sweep(nowMs);
  }
  t.ok(admission.flows.kept > 0);
  admission.sweep(1000 + 501);
  t.equal(admission.flows.kept, 0, 'once all is earned back, nothing is kept');
});

t.test('ADMIT-4 rows that come and go decide as if they had stayed', async (t) => {
  fc.assert(
    fc.property(arbitraryLimits(true), arrivals, fc.infiniteStream(fc.boolean()), (limits, arrivals, coins) => {
      const [staying, going] = [new World(limits), new World(limits)];
      for (const { gapMs, flow } of arrivals) {
        staying.nowMs += gapMs;
        going.nowMs = staying.nowMs;
        // The session is another then: compare only where it has no limit.
        if (limits.session === undefined && coins.next().value) {
          going.admission.close(going.flows[flow]!, going.nowMs);
          going.admission.sweep(going.nowMs);
          going.flows[flow] = going.admission.open(ownerOf(flow));
        }
        if (staying.admit(flow) !== going.admit(flow)) throw new Error(`at ${going.nowMs}`);
      }
    }),
    RUNS,
  );
  t.pass();
});

t.test('ADMIT-6 what is refused is admitted after retryAfterMs if nothing else comes, and not before', async (t) => {
  fc.assert(
    fc.property(arbitraryLimits(true), arrivals, (limits, arrivals) => {
      const world = new World(limits, limit(20, 3));
      for (const { gapMs, flow, final } of arrivals) {
        world.nowMs += gapMs;
        const retryMs = world.retryAfterMs(flow, final);
        const refused = world.admit(flow, final) !== Decision.admitted;
        if (refused !== retryMs > 0) throw new Error(`${refused ? 'refused' : 'admitted'}, told ${retryMs} ms`);
        if (!refused) continue;
        const [sinceMs, stepMs] = [world.nowMs, 1e-5];
        if (retryMs > 3 * stepMs) {
          world.nowMs = sinceMs + retryMs - 2 * stepMs;
          if (world.retryAfterMs(flow, final) <= 0) throw new Error(`admitted before ${retryMs} ms`);
        }
        world.nowMs = sinceMs + retryMs + stepMs;
        if (world.admit(flow, final) !== Decision.admitted) throw new Error(`refused after ${retryMs} ms`);
      }
    }),
    RUNS,
  );
  t.pass();
});

t.test('ADMIT-6 what costs more than a burst is refused for ever', async (t) => {
  const world = new World({ session: limit(10, 5, 50), room: limit(10, 3) });
  t.equal(world.admit(0, false, 4), Decision.room);
  t.equal(world.retryAfterMs(0, false, 4), Number.POSITIVE_INFINITY);
  t.equal(world.admit(0, false, 3), Decision.admitted);
  world.nowMs += 1e9;
  t.equal(world.admit(0, false, 4), Decision.room);
});

t.test(
  'ADMIT-7 finals have their own bucket, count further out, and find room there beside a flood of interims',
  async (t) => {
    fc.assert(
      fc.property(arbitraryLimits(false), arrivals, (limits, arrivals) => {
        const finals = limit(5, 3);
        const world = new World(limits, finals);
        const [all, own] = [new Ledger(), new Ledger()];
        for (const { gapMs, flow, final } of arrivals) {
          world.nowMs += gapMs;
          if (world.admit(flow, final) !== Decision.admitted) continue;
          if (final) own.add(flow, world.nowMs);
          if (!final || limits.session === undefined) all.add(flow, world.nowMs);
        }
        own.check('session', finals.ratePerSecond, finals.burst);
        for (const level of LEVELS) {
          const each = limits[level];
          if (each) all.check(level, each.ratePerSecond, level === 'session' ? each.burst : 2 * each.burst);
        }
      }),
      RUNS,
    );
    const world = new World({ tenant: limit(100, 10) }, limit(5, 10));
    while (world.admit(0) === Decision.admitted);
    t.equal(world.admit(0), Decision.tenant);
    for (let final = 0; final < 10; final++) t.equal(world.admit(1, true), Decision.admitted, `final ${final}`);
    t.equal(world.admit(2, true), Decision.tenant, 'a burst of debt, and no more');
    t.ok(world.retryAfterMs(0) > 100, 'interims wait until the debt is paid');
  },
);

t.test('ADMIT-8 a tier multiplies what its tenants may have', async (t) => {
  const policy = policyWith([classWith({ tenant: limit(10, 10) })], { acme: 3 });
  const admission = new AdmissionHierarchy(policy);
  const admittedOf = (tenant: string) => {
    const flow = admission.open({ tenant, identity: 'ann', room: 'big' });
    let count = 0;
    while (admission.admit(flow, 0, false, 1000) === Decision.admitted) count++;
    return count;
  };
  t.equal(admittedOf('acme'), 30);
  t.equal(admittedOf('other'), 10);
});
