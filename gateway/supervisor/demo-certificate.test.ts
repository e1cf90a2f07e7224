import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../config/load-config.ts';
import { checkTls } from '../config/tls-files.ts';
import { demoCertificate } from './demo-certificate.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);
const NAMES = { hosts: ['localhost', 'desk', 'desk.local'], addresses: ['127.0.0.1', '192.168.1.5'] };

t.test('DEMO-15 the certificate names every name and address, and is its owner’s alone', async (t) => {
  const folder = join(t.testdir(), 'not', 'there', 'yet');
  const files = await demoCertificate(folder, NAMES, NOW_MS);
  const certificate = new X509Certificate(readFileSync(files.certFile));
  for (const host of NAMES.hosts) t.ok(certificate.checkHost(host), host);
  for (const address of NAMES.addresses) t.ok(certificate.checkIP(address), address);
  t.notOk(certificate.checkIP('192.168.1.6'));
  t.match(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  for (const name of Object.values(files)) t.equal(statSync(name).mode & 0o777, 0o600, name);
  const demo = { file: null, environment: {}, flags: [{ flag: '--demo', path: 'demo', value: true }] };
  const config = loadConfig(demo);
  const listen = { ...config.listen, signal: { ...config.listen.signal, tls: files } };
  t.strictSame(checkTls({ ...config, listen }), [], 'and it is one that a listener takes');
});

t.test('DEMO-15 it is kept while it is valid for another month and names every address, and no longer', async (t) => {
  const folder = t.testdir();
  const at = async (ms: number, names = NAMES) =>
    readFileSync((await demoCertificate(folder, names, ms)).certFile, 'utf8');
  const other = await demoCertificate(join(folder, 'other'), NAMES, NOW_MS);
  const otherKey = readFileSync(other.keyFile);
  const first = await at(NOW_MS);
  t.equal(await at(NOW_MS + 300 * DAY_MS), first, 'kept');
  t.equal(await at(NOW_MS, { ...NAMES, addresses: ['127.0.0.1'] }), first, 'an address less is no matter');
  const renewed = await at(NOW_MS + 370 * DAY_MS);
  t.not(renewed, first, 'too near its end');
  const moved = await at(NOW_MS + 370 * DAY_MS, { ...NAMES, addresses: ['127.0.0.1', '10.0.0.7'] });
  t.not(moved, renewed, 'the machine has moved');
  writeFileSync(join(folder, 'demo-key.pem'), otherKey);
  t.not(await at(NOW_MS + 370 * DAY_MS, { ...NAMES, addresses: ['10.0.0.7'] }), moved, 'the key is of another');
  writeFileSync(join(folder, 'demo-certificate.pem'), 'not a certificate');
  const mended = await at(NOW_MS + 370 * DAY_MS);
  t.ok(new X509Certificate(mended).checkIP('192.168.1.5'), 'what cannot be read is made anew');
});

t.test('DEMO-15 a folder that cannot be written to is named, and what to do', async (t) => {
  const file = join(t.testdir({ file: '' }), 'file');
  await t.rejects(demoCertificate(file, NAMES, NOW_MS), { message: new RegExp(`in ${file} .*: set stateFolder`) });
});
