import fc from 'fast-check';
import t from 'tap';
import { type LaneLimit, NOTICE_MS, PolicedLane, Policing, RefusedFrame } from './policing.ts';

const limit: LaneLimit = { limit: { ratePerSecond: 10, burst: 5 }, ceiling: 20 };
const policing = (): Policing => new Policing([limit, limit, limit, limit], 2);

t.test('CTRL-28 in any time a socket gets its burst and its rate, and no more', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1 }), (gapsMs) => {
      const police = policing();
      let nowMs = 1000;
      let admitted = 0;
      for (const gapMs of gapsMs) {
        nowMs += gapMs;
        if (police.admit(0, PolicedLane.control, nowMs)) admitted++;
        else police.refuse(0, PolicedLane.control, nowMs);
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
  for (const socket of [0, 1, 2, 900]) {
    police.open(socket);
    for (let index = 0; index < 5; index++) t.ok(police.admit(socket, PolicedLane.setup, 1000));
    t.notOk(police.admit(socket, PolicedLane.setup, 1000));
  }
  t.notOk(police.admit(0, PolicedLane.setup, 1000), 'growing forgets nothing');
  police.open(0);
  t.ok(police.admit(0, PolicedLane.setup, 1000));
  t.notOk(police.admit(900, PolicedLane.setup, 1000));
  t.ok(police.retryAfterMs(900, PolicedLane.setup, 1000) >= 100);
});
