import fc from 'fast-check';
import t from 'tap';
import { Decision } from '../../classes/admission-hierarchy.ts';
import { classWith, limit as limitOf, policyWith } from '../../classes/fixtures/admission.ts';
import { type LaneLimit, NOTICE_MS, PolicedLane, Policing, RefusedFrame } from './policing.ts';

const limit: LaneLimit = { limit: limitOf(10, 5), ceiling: 20 };
const signal: LaneLimit = { limit: null, ceiling: 20 };
const CONTROL = { plane: 'control', band: 0 } as const;
const SETUP = 0;
const POLICY = policyWith([classWith({ session: limitOf(10, 5) }, CONTROL)]);
const ANN = { tenant: 'acme', identity: 'ann' };
const policing = (policy = POLICY): Policing => {
  const police = new Policing(policy, [signal, signal, limit, limit], 2);
  police.open(0, ANN);
  police.open(1, { ...ANN, identity: 'bob' });
  return police;
};

t.test('CTRL-28 in any time a socket gets its burst and its rate, and no more', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1 }), (gapsMs) => {
      const police = policing();
      let nowMs = 1000;
      let admitted = 0;
      for (const gapMs of gapsMs) {
        nowMs += gapMs;
        if (police.admit(0, PolicedLane.metadata, nowMs)) admitted++;
        else police.refuse(0, PolicedLane.metadata, nowMs);
      }
      return admitted <= 5 + ((nowMs - 1000) * 10) / 1000 + 1e-6;
    }),
  );
});

t.test('CTRL-28 refusals are told at most once per interval and lane, with all that were not', async (t) => {
  const police = policing();
  const verdicts = Array.from({ length: 10 }, () => police.refuse(0, PolicedLane.setup, 1000));
  t.equal(verdicts[0], RefusedFrame.tell);
  t.ok(verdicts.slice(1).every((verdict) => verdict === RefusedFrame.quiet));
  t.equal(police.refuse(0, PolicedLane.control, 1000), RefusedFrame.tell, 'another lane');
  t.equal(police.refuse(1, PolicedLane.setup, 1000), RefusedFrame.tell, 'another socket');
  t.equal(police.refuse(0, PolicedLane.setup, 1000 + NOTICE_MS), RefusedFrame.tell);
  t.equal(police.takeUntold(0, PolicedLane.setup), 11);
  t.equal(police.takeUntold(0, PolicedLane.setup), 0);
});

t.test('CTRL-29 the ceiling counts refusals of one second', async (t) => {
  const police = policing();
  const cuts = (nowMs: number, count: number): number =>
    Array.from({ length: count }, () => police.refuse(0, PolicedLane.setup, nowMs)).filter(
      (verdict) => verdict === RefusedFrame.cut,
    ).length;
  t.equal(cuts(1000, 20), 0);
  t.equal(cuts(2000, 20), 0, 'a new second');
  t.equal(cuts(2500, 1), 1);
});

t.test('CTRL-28 a socket that opens begins afresh, wherever the table has to grow', async (t) => {
  const police = policing();
  const admitted = (socket: number) => police.admitSignal(socket, SETUP, false, 1000) === Decision.admitted;
  for (const socket of [0, 1, 2, 900]) {
    police.close(socket, 1000);
    police.open(socket, ANN);
    for (let index = 0; index < 5; index++) t.ok(admitted(socket));
    t.notOk(admitted(socket));
  }
  t.notOk(admitted(0), 'growing forgets nothing');
  police.close(0, 1000);
  police.open(0, ANN);
  t.ok(admitted(0));
  t.notOk(admitted(900));
  t.ok(police.retryAfterMs(900, PolicedLane.setup, SETUP, 1000) >= 100);
});

t.test('CTRL-44 around the session only a join is refused, and what belongs to an open dialog counts', async (t) => {
  for (const level of ['user', 'tenant', 'gateway'] as const) {
    const limits = { session: limitOf(100, 100), [level]: limitOf(1, 4) };
    const police = policing(policyWith([classWith(limits, CONTROL)]));
    const refusal = { user: Decision.user, tenant: Decision.tenant, gateway: Decision.gateway }[level];
    for (let frame = 0; frame < 3; frame++) t.equal(police.admitSignal(0, SETUP, false, 1000), Decision.admitted);
    t.equal(police.admitSignal(0, SETUP, true, 1000), Decision.admitted, 'the fourth of four');
    t.equal(police.admitSignal(0, SETUP, true, 1000), refusal, level);
    for (let frame = 0; frame < 20; frame++) {
      t.equal(police.admitSignal(0, SETUP, false, 1000), Decision.admitted, 'in an open dialog');
    }
    const waitMs = police.retryAfterMs(0, PolicedLane.setup, SETUP, 1000);
    t.ok(waitMs > 4000 && waitMs <= 5001, `${waitMs} ms: however much went on, a burst of debt and one frame`);
    t.equal(police.admitSignal(0, SETUP, true, 1000 + waitMs), Decision.admitted, 'as was told');
  }
});

t.test('CTRL-44 a refused join uses up a frame of its session', async (t) => {
  const police = policing(policyWith([classWith({ session: limitOf(1, 5), tenant: limitOf(1, 5) }, CONTROL)]));
  for (let join = 0; join < 5; join++) police.admitSignal(1, SETUP, true, 1000);
  const decisions = Array.from({ length: 7 }, () => police.admitSignal(0, SETUP, true, 1000));
  t.same(decisions, [...Array(5).fill(Decision.tenant), Decision.session, Decision.session]);
});

t.test(
  'CTRL-28 kinds of metadata classes that belong to signalling have their class’s rate here, and need no credit',
  async (t) => {
    const requests = classWith({ session: limitOf(10, 5), tenant: limitOf(10, 5) }, { name: 'premium' });
    const police = policing(policyWith([POLICY.classes[0]!, requests]));
    let admitted = 0;
    for (let ms = 0; ms < 10_000; ms++) {
      if (police.admitSignal(0, 1, false, 1000 + ms) === Decision.admitted) admitted++;
    }
    t.ok(admitted >= 100 && admitted <= 105, `${admitted} in ten seconds`);
  },
);
