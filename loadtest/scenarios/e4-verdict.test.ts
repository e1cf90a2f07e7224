import t from 'tap';
import { type DialogCounts, type E4Round, judgeE4 } from './e4-verdict.ts';

const counts = (finished: number, more: Partial<DialogCounts> = {}): DialogCounts => ({
  begun: 1000,
  finished,
  refusedJoins: 1000 - finished,
  refusedLater: 0,
  unanswered: 0,
  lost: 0,
  noneFree: 0,
  ...more,
});
const good: E4Round = {
  sluice: counts(460),
  random: counts(63, { refusedJoins: 500, refusedLater: 437 }),
  none: counts(20, { refusedJoins: 0, unanswered: 980 }),
};
const judged = (round: Partial<E4Round>, goodput = true) => judgeE4([{ ...good, ...round }], 0, { goodput });

t.test('LOAD-22 e4 passes where whole dialogs are shed, and of those that could be finished nine tenths are', (t) => {
  t.same(judged({}), []);
  t.same(judgeE4([good, good, { ...good, sluice: counts(400) }], 0, { goodput: true }), [], 'median of the rounds');
  t.match(judged({ sluice: counts(440) }), [/^44\.0 % of dialogs finished, 45\.0 % are due$/]);
  t.match(judged({ sluice: counts(460, { refusedLater: 3 }) }), [/^3 messages after a join were refused$/]);
  t.match(judged({ sluice: counts(460, { lost: 2 }) }), [/^2 connections were lost$/]);
  t.match(judged({ sluice: counts(460, { refusedJoins: 530, unanswered: 10 }) }), [
    /^10 of 470 dialogs that were let in/,
  ]);
  t.match(judged({ sluice: counts(460, { noneFree: 1 }) }), [/^1 dialogs found no client free/]);
  t.match(judgeE4([good], 2, { goodput: true }), [/^2 frames are not accounted for$/]);
  t.end();
});

t.test('LOAD-22 control arms that do not fail prove nothing', (t) => {
  t.match(judged({ random: counts(130) }), [/it was not at random$/]);
  t.match(judged({ none: counts(450, { unanswered: 550 }) }), [/^shedding nothing finished 45\.0 %: what was offered/]);
  t.match(judged({ none: counts(470) }), [
    /^46\.0 % finished, little beside the control arms: 6\.3 % at random/,
    /too much$/,
  ]);
  t.match(judged({ none: counts(225, { noneFree: 500 }) }), [/^shedding nothing finished 45\.0 %/]);
  t.end();
});

t.test('LOAD-22 the short form asserts what is refused and the control arms, not how much is finished', (t) => {
  t.same(judged({ sluice: counts(300, { refusedJoins: 650, unanswered: 50 }) }, false), []);
  t.match(judged({ sluice: counts(150, { refusedLater: 1 }) }, false), [/after a join/, /^15\.0 % finished, little/]);
  t.end();
});
