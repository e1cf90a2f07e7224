import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parseTrace, readTrace, TraceError } from './trace-file.ts';

const good = { atMs: 5, stream: 's', speaker: 'a', segment: 0, revision: 0, final: false, text: 'x' };
const line = (changes: object) => JSON.stringify({ ...good, ...changes });

t.test('NODE-30 the recordings that come with Sluice are whole', async (t) => {
  const expected = { standup: [672, 10], support: [503, 8], lecture: [558, 8] };
  for (const [name, counts] of Object.entries(expected)) {
    const trace = readTrace(fileURLToPath(new URL(`traces/${name}.jsonl`, import.meta.url)));
    t.same([trace.length, trace.filter(({ final }) => final).length], counts, name);
  }
});

t.test('NODE-30 a bad trace is one clear error with file and line', async (t) => {
  const cases: [string, RegExp][] = [
    ['', /^f: expected at least one line$/],
    [`${line({})}\nnot json`, /^f:2: expected a JSON object, found "not json"$/],
    [`${line({})}\n\n[1]`, /^f:3: the line: /],
    [line({ atMs: '5' }), /^f:1: atMs: /],
    [line({ atMs: -1 }), /^f:1: atMs: /],
    [line({ stream: '' }), /^f:1: stream: /],
    [line({ segment: 1.5 }), /^f:1: segment: /],
    [line({ revision: 2 ** 32 }), /^f:1: revision: /],
    [line({ final: 1 }), /^f:1: final: /],
    [line({ text: undefined }), /^f:1: text: /],
    [`${line({})}\n${line({ atMs: 4 })}`, /^f:2: atMs: expected at least 5/],
  ];
  for (const [text, message] of cases) {
    t.match(
      errorOf(() => parseTrace('f', text)),
      message,
    );
  }
  t.equal(
    errorOf(() => readTrace('/nonexistent.jsonl')),
    '/nonexistent.jsonl: cannot be read (no such file)',
  );
  const folder = mkdtempSync(join(tmpdir(), 'sluice-trace-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'ok.jsonl'), `${line({})}\r\n${line({ final: true })}\n`);
  t.equal(readTrace(join(folder, 'ok.jsonl')).length, 2);
});

/** The message of the TraceError that `run` throws; anything else counts as none. */
function errorOf(run: () => unknown): string {
  try {
    run();
    return '';
  } catch (error) {
    return error instanceof TraceError ? error.message : '';
  }
}
