import t from 'tap';
import { recordedStreams, roomScript } from './room-script.ts';

const streams = recordedStreams();

t.test('LOAD-14 a script holds whole segments, finals in order, repetitions and interims that come late', (t) => {
  const script = [0, 1, 2, 3].flatMap((room) => {
    const said = roomScript(streams, room, 60_000);
    t.strictSame(said, roomScript(streams, room, 60_000), 'the same room says the same');
    for (const [index, one] of said.entries()) {
      if (index > 0 && one.dueMs < said[index - 1]!.dueMs) t.fail('times go back');
    }
    for (const speaker of [0, 1, 2, 3]) {
      const finals = said.filter((one) => one.speaker === speaker && one.final).map(({ segment }) => segment);
      const first = finals.filter((segment, index) => finals.indexOf(segment) === index);
      t.strictSame(
        first,
        [...first].sort((a, b) => a - b),
        'finals of a stream come in order',
      );
      const open = said.filter((one) => one.speaker === speaker && !first.includes(one.segment));
      t.equal(open.length, 0, 'every segment has its final');
    }
    return said.map((one) => ({ ...one, key: `${room} ${one.speaker} ${one.segment} ${one.revision}` }));
  });
  const keys = new Set(script.map(({ key }) => key));
  t.ok(keys.size < script.length, 'some come twice');
  t.ok(
    script.some((one, index) => one.final && script.findIndex(({ key }) => key === one.key) < index),
    'finals too',
  );
  let overtaken = 0;
  const newest = new Map<string, number>();
  for (const { key, revision } of script) {
    const segment = key.slice(0, key.lastIndexOf(' '));
    if (revision < (newest.get(segment) ?? 0)) overtaken++;
    newest.set(segment, Math.max(revision, newest.get(segment) ?? 0));
  }
  t.ok(overtaken > 0, 'some are overtaken');
  t.end();
});
