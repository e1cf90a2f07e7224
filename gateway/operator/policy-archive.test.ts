import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { policyHash } from '../config/policy-source.ts';
import { AuditLog } from './audit-log.ts';
import { PolicyArchive, type PolicyEntry } from './policy-archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-archive-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
let folders = 0;
const place = (): string => join(folder, String(folders++), 'within');

function entryOf(number: number, text = `text ${number}`): PolicyEntry {
  const at = new Date(0).toISOString();
  const hash = policyHash(text);
  return {
    number,
    version: number,
    name: '',
    hash,
    at,
    who: 'ada',
    how: 'http',
    diff: ['a → b'],
    file: 'policy',
    text,
  };
}

t.test('POLICY-34 what was kept is read back, by the owner of the file only', async (t) => {
  const path = place();
  const archive = new PolicyArchive(path);
  t.equal(archive.load(t.fail), null, 'nothing was kept yet');
  const kept = { fileHash: 'abc', entries: [entryOf(1), entryOf(2)] };
  archive.keep(kept);
  t.strictSame(new PolicyArchive(path).load(t.fail), { format: 1, ...kept });
  t.equal(statSync(archive.path).mode & 0o077, 0);
  t.strictSame(readdirSync(path), ['policies.json'], 'nothing is left beside it');
});

t.test('POLICY-40 what another gateway has put in force in the same folder is not written over', async (t) => {
  const path = place();
  const [one, other] = [new PolicyArchive(path), new PolicyArchive(path)];
  one.keep({ fileHash: null, entries: [entryOf(1)] });
  const theirs = readFileSync(one.path, 'utf8');
  t.throws(() => other.keep({ fileHash: null, entries: [entryOf(2)] }), /another gateway .* gatewayId or stateFolder/);
  t.equal(readFileSync(one.path, 'utf8'), theirs);
  other.keep({ fileHash: null, entries: [entryOf(1)] });
  t.pass('planes run apart that come to the same policy agree');
  other.keep({ fileHash: null, entries: [entryOf(1), entryOf(2)] });
  t.throws(() => one.keep({ fileHash: null, entries: [entryOf(1), entryOf(3)] }), /another gateway/);
  rmSync(one.path);
  one.keep({ fileHash: null, entries: [entryOf(3)] });
  t.pass("what was removed is nobody's");
});

t.test('POLICY-40 where nothing can be kept is seen before anything is', async (t) => {
  const path = place();
  t.equal(new PolicyArchive(path).obstacle(), null, 'a folder that can be made is no obstacle');
  writeFileSync(join(folder, 'file'), '');
  t.match(new PolicyArchive(join(folder, 'file', 'within')).obstacle(), /file is no folder$/);
});

t.test('POLICY-34 a file of which a part is missing or other is put aside and told of', async (t) => {
  const whole = `${JSON.stringify({ format: 1, fileHash: null, entries: [entryOf(1)] })}\n`;
  const broken = [
    '',
    '{}',
    'null',
    whole.slice(0, -20),
    whole.replace('text 1', 'text 2'),
    whole.replace('"http"', '"magic"'),
  ];
  for (const text of broken) {
    const archive = new PolicyArchive(place());
    archive.keep({ fileHash: null, entries: [entryOf(1)] });
    writeFileSync(archive.path, text);
    const told: string[] = [];
    t.equal(
      archive.load((line) => told.push(line)),
      null,
    );
    t.match(told, [/policies\.json: the kept policies cannot be used \(.*\); the file is put aside as .*\.broken$/]);
    t.equal(readFileSync(`${archive.path}.broken`, 'utf8'), text);
    t.equal(archive.load(t.fail), null, 'and is not looked at again');
  }
});

t.test('POLICY-35 the history is bounded by number and by size, and never loses the last two', async (t) => {
  const archive = new PolicyArchive(place());
  const many = archive.keep({ fileHash: null, entries: Array.from({ length: 500 }, (_, index) => entryOf(index + 1)) });
  t.equal(many.entries.length, 200);
  t.equal(many.entries.at(-1)?.number, 500);
  const long = 'x'.repeat(5_000_000);
  const big = archive.keep({ fileHash: null, entries: [1, 2, 3].map((number) => entryOf(number, long + number)) });
  t.strictSame(
    big.entries.map(({ number }) => number),
    [2, 3],
  );
});

t.test('POLICY-37 the audit log passes broken lines over, is bounded, and tells what it cannot write', async (t) => {
  const path = place();
  const audit = new AuditLog(path, t.fail);
  const deed = (details: string) =>
    ({ at: '', who: 'ada', from: '', what: 'policy.apply', outcome: 'done', details: [details] }) as const;
  t.strictSame(audit.newest(5), []);
  for (const details of ['first', 'second']) audit.write(deed(details));
  writeFileSync(join(path, 'audit.jsonl'), '{"what": "policy.a', { flag: 'a' });
  t.match(audit.newest(5), [{ details: ['second'] }, { details: ['first'] }]);
  t.match(audit.newest(1), [{ details: ['second'] }]);
  audit.write(deed('x'.repeat(4_300_000)));
  audit.write(deed('next'));
  t.strictSame(readdirSync(path).sort(), ['audit.jsonl', 'audit.jsonl.1']);
  t.match(audit.newest(5), [
    { details: ['next'] },
    { details: [/^x+$/] },
    { details: ['second'] },
    { details: ['first'] },
  ]);
  const told: string[] = [];
  new AuditLog(join(path, 'audit.jsonl'), (line) => told.push(line)).write(deed('nowhere'));
  t.match(told, [/audit\.jsonl: cannot be written: .*nowhere/]);
});
