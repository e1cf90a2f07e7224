import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { AdviceEvent } from './advice.ts';
import { InterimPace } from './interim-pace.ts';
import { keyOf } from './publish-queue.ts';

const LESS: AdviceEvent = { level: 1, actions: ['reduceFrequency'] };
const passes = (pace: InterimPace, frame: Frame) => pace.passes(frame, keyOf(frame) || null);
const caption = (stream: string, revision: number, more: Frame = {}, mode = 0): Frame => ({
  kind: Kind.caption,
  tenant: 't',
  room: 'r',
  caption: { stream, segment: 1, revision, mode },
  ...more,
});

t.test('LADDER-24 of each segment, every other interim goes out while less is asked for', (t) => {
  const pace = new InterimPace();
  const passed = (frame: Frame) => passes(pace, frame);
  const ten = (stream: string) => Array.from({ length: 10 }, (_, revision) => passed(caption(stream, revision)));
  t.equal(ten('a').filter(Boolean).length, 10, 'nothing was asked');
  pace.advised(LESS);
  t.strictSame(
    ten('a'),
    Array.from({ length: 10 }, (_, index) => index % 2 === 0),
  );
  t.strictSame(
    Array.from({ length: 4 }, (_, revision) => [passed(caption('b', revision)), passed(caption('c', revision))]),
    [
      [true, true],
      [false, false],
      [true, true],
      [false, false],
    ],
    'segments do not count together',
  );
  pace.advised({ level: 0, actions: [] });
  t.equal(ten('a').filter(Boolean).length, 10, 'nothing is asked any more');
  t.end();
});

t.test('LADDER-24 finals, appended text and other kinds always go out', (t) => {
  const pace = new InterimPace();
  pace.advised({ level: 2, actions: ['reduceFrequency', 'bypassOnPath'] });
  const presence: Frame = { kind: Kind.presence, tenant: 't', room: 'r', presence: { key: 'k' } };
  const frames = [caption('a', 1, { final: true }), caption('a', 1, {}, 1), presence];
  for (const frame of [...frames, ...frames, ...frames]) t.ok(passes(pace, frame));
  t.end();
});
