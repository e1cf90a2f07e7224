import t from 'tap';
import type { CaptionState } from '../client/caption-store.ts';
import { CallReport } from './call-report.ts';

const ESC = '\u001b';
const UP = new RegExp(`^(?:${ESC}\\[(\\d+)A${ESC}\\[J)?([\\s\\S]*)$`);
const STYLE = new RegExp(`${ESC}\\[\\d?m`, 'g');

const caption = (text: string, final: boolean, more: Partial<CaptionState> = {}): CaptionState => ({
  from: 'node',
  stream: 'room/ann',
  segment: 0,
  epoch: 0,
  revision: 0,
  text,
  final,
  state: final ? 'completed' : 'open',
  speaker: 'ann',
  confidence: 0.873,
  lang: '',
  model: 'sphinx replay',
  replay: true,
  ...more,
});

function report(isTTY: boolean, json = false, columns = 80) {
  const written: string[] = [];
  return { written, report: new CallReport({ isTTY, columns, write: (text) => written.push(text) }, json) };
}

/** What a terminal shows after all was written: enough of one for "up n lines, clear to the end". */
function shown(written: readonly string[]): string[] {
  const lines: string[] = [];
  for (const text of written) {
    const [, up, rest] = UP.exec(text)!;
    lines.splice(lines.length - Number(up ?? 0));
    lines.push(...rest!.split('\n').slice(0, -1));
  }
  return lines.map((line) => line.replaceAll(STYLE, ''));
}

t.test('CLIENT-27 on a terminal interims are rewritten in place and finals stay', (t) => {
  const { written, report: one } = report(true);
  one.setUp();
  one.interim(caption('helo', false));
  one.interim(caption('yes', false, { speaker: 'bob', stream: 'room/bob', confidence: undefined, replay: false }));
  one.interim(caption('hello the', false));
  t.strictSame(shown(written), ['', '  ann 87 % [replay]: hello the …', '  bob: yes …']);
  one.final(caption('hello there', true));
  t.strictSame(shown(written), ['', '  ann 87 % [replay]: hello there', '  bob: yes …']);
  t.ok(written.join('').includes(`${ESC}[2m  bob: yes …${ESC}[0m`), 'interims are dim');
  t.end();
});

t.test('CLIENT-27 elsewhere only finals are printed, whole and without escapes', (t) => {
  const { written, report: one } = report(false);
  one.begin('demo', 'ws://h/v1/signal', 'me', '');
  one.stage('joined', 12.34);
  one.final(caption('too early for the table', true));
  one.stage('answered', 20);
  one.setUp();
  one.interim(caption('helo', false));
  one.final(caption(`hello${ESC}[31m there`, true, { segment: 1 }));
  const text = written.join('');
  t.notOk(text.includes(ESC));
  t.match(
    text,
    / {2}joined +12\.3 +12\.3\n {2}answered +7\.7 +20\.0\n\n {2}ann 87 % \[replay\]: too early for the table\n/,
  );
  t.match(text, /: hello \[31m there\n$/);
  t.end();
});

t.test('CLIENT-27 an interim longer than the terminal is wide keeps its end', (t) => {
  const { written, report: one } = report(true, false, 40);
  one.setUp();
  one.interim(caption('one two three four five six seven eight', false));
  const line = shown(written)[1]!;
  t.ok([...line].length < 40, line);
  t.match(line, /^ {2}ann 87 % \[replay\]: …/);
  t.match(line, /seven eight …$/);
  t.end();
});

t.test('CLIENT-27 a final longer than the terminal is wide is broken between words', (t) => {
  const { written, report: one } = report(true, false, 32);
  one.setUp();
  one.final(caption('one two three four five six seven', true));
  const lines = shown(written).slice(1);
  t.strictSame(lines, ['  ann 87 % [replay]: one two', '      three four five six seven']);
  t.end();
});

t.test('CLIENT-28 with --json every line is an object', (t) => {
  const { written, report: one } = report(true, true);
  one.begin('demo', 'ws://h/v1/signal', 'me', '');
  one.stage('joined', 12.34);
  one.setUp();
  one.interim(caption('helo', false));
  one.final(caption('hello', true));
  const counts = { audio: 1, video: 2 };
  one.summary({ seconds: 1, setupMs: 2, sent: counts, received: counts, peer: null, finals: 1, interims: 1 });
  const objects = written
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.strictSame(
    objects.map((object) => object.event),
    ['call', 'stage', 'final', 'summary'],
  );
  t.match(objects[2], { speaker: 'ann', text: 'hello', replay: true });
  t.end();
});
