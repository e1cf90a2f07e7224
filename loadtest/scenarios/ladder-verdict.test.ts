import t from 'tap';
import { judgeLadder, type LadderCourse } from './ladder-verdict.ts';

const rest = { throttled: 0, lost: 0, advisedLevel: 4 };
const course = (levels: readonly number[], heeding: number, ignoring: number): LadderCourse => ({
  levels: levels.map((level, index) => ({ atMs: 700 * index, level })),
  calm: { heeding: { due: 100, heard: 100, ...rest }, ignoring: { due: 100, heard: 100, ...rest } },
  flooded: { heeding: { due: 100, heard: heeding, ...rest }, ignoring: { due: 100, heard: ignoring, ...rest } },
  crowd: { cuts: 9 },
  residual: 0,
});
const UP_AND_DOWN = [0, 1, 2, 3, 4, 3, 2, 1, 0];
const GOOD = course(UP_AND_DOWN, 99, 33);
const CONTROL = course([0], 40, 40);
const CAPPED = { capLevel: 4, times: true };

t.test('LOAD-41 a ladder that keeps heeding agents heard, and comes back, passes beside one that is held', (t) => {
  t.strictSame(judgeLadder(GOOD, CONTROL, CAPPED), []);
  t.end();
});

t.test('LOAD-41 each thing that is missing is named', (t) => {
  const faultOf = (one: LadderCourse, control = CONTROL, times = true) =>
    judgeLadder(one, control, { capLevel: 4, times }).join();
  t.match(faultOf(course([0, 1, 2, 1, 0], 99, 33)), /climbed to level 2/);
  t.match(faultOf(course([0, 2, 3, 4, 3, 2, 1, 0], 99, 33)), /level 2 by more than one step/);
  t.match(faultOf(course([0, 1, 2, 3, 4, 3], 99, 33)), /stayed at level 3/);
  t.match(faultOf(course(UP_AND_DOWN, 94, 33)), /94\.0 % were heard, 95\.0 % are due/);
  t.match(faultOf(course(UP_AND_DOWN, 99, 51)), /ignore advice, 51/);
  t.match(faultOf({ ...GOOD, crowd: { cuts: 0 } }), /nobody of the crowd was cut/);
  const busy = { ...GOOD.calm, heeding: { due: 100, heard: 91, ...rest } };
  t.equal(faultOf({ ...course(UP_AND_DOWN, 87, 33), calm: busy }), '');
  t.match(faultOf({ ...course(UP_AND_DOWN, 86, 33), calm: busy }), /86\.0 % were heard, 86\.\d % are due/);
  const deaf = { ...GOOD.calm, heeding: { due: 100, heard: 89, ...rest } };
  t.match(faultOf({ ...GOOD, calm: deaf }), /course: before the flood 89\.0 % were heard/);
  t.match(faultOf({ ...GOOD, residual: 2 }), /course: 2 frames/);
  t.equal(faultOf(GOOD, course([0], 99, 99)), '', 'nobody is told apart');
  t.match(faultOf(GOOD, course([0], 99, 33)), /proves nothing/);
  const unadvised = { ...GOOD.flooded.heeding, advisedLevel: 3 };
  t.match(faultOf({ ...GOOD, flooded: { ...GOOD.flooded, heeding: unadvised } }), /advised of level 3 at most/);
  const slow = { ...GOOD, levels: GOOD.levels.map(({ atMs, level }) => ({ atMs: 2 * atMs, level })) };
  t.match(faultOf(slow), /level 1 came 1400 ms/);
  t.equal(faultOf(slow, CONTROL, false), '');
  t.end();
});
