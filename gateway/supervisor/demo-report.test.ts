import t from 'tap';
import { type LoadConfigOptions, loadConfig } from '../config/load-config.ts';
import { demoLines, demoPageUrls } from './demo-report.ts';

const at = (...paths: string[]): LoadConfigOptions => ({
  file: null,
  environment: {},
  flags: paths.map((path) => ({ flag: `--${path}`, path, value: true })),
});
const HERE = loadConfig(at('demo'));
const tls = { keyFile: '/state/key.pem', certFile: '/state/certificate.pem' };
const lan = loadConfig(at('demo', 'lan'));
const LAN = { ...lan, listen: { ...lan.listen, signal: { ...lan.listen.signal, tls } } };
const ADDRESSES = ['192.168.1.5', '10.0.0.7'];

/** A row of a QR code: blocks, halves of blocks, and space. */
const QR_ROW = /^ {2}(?:\S*m)?[█▀▄ ]{25,}(?:\S*m)?$/;

t.test(
  'DEMO-13 the page’s address is printed for each address of the machine, with its secret, and as a QR code',
  async (t) => {
    const urls = ADDRESSES.map((address) => `https://${address}:7480/#${LAN.pageSecret}`);
    t.strictSame(demoPageUrls(LAN, ADDRESSES), urls);
    const lines = await demoLines(LAN, ADDRESSES, true);
    for (const url of urls)
      t.ok(
        lines.some((line) => line.includes(url)),
        url,
      );
    t.ok(lines.filter((line) => QR_ROW.test(line)).length >= 15, 'a code, on a screen');
    const printed = (await demoLines(LAN, ADDRESSES, false)).join('\n');
    t.notMatch(printed, /[█▀▄]/, 'and none where nobody can point a phone at it');
    t.ok(printed.includes(`SLUICE_API_SECRET=${LAN.keys.devkey?.secret}`), 'what commands on this machine need');
    t.ok(printed.includes(`NODE_EXTRA_CA_CERTS=${tls.certFile}`));
  },
);

t.test('DEMO-13 without a network that is said, and the page is for this machine', async (t) => {
  const printed = (await demoLines(LAN, [], false)).join('\n');
  t.match(printed, /No network was found/);
  t.ok(printed.includes(`https://127.0.0.1:7480/#${LAN.pageSecret}`));
});

t.test('DEMO-8 on loopback there is no secret and no code', async (t) => {
  t.strictSame(demoPageUrls(HERE, ADDRESSES), ['http://127.0.0.1:7480/']);
  const printed = (await demoLines(HERE, ADDRESSES, true)).join('\n');
  t.notMatch(printed, /[█▀▄#]|SLUICE_API_SECRET|https/);
  t.strictSame(await demoLines({ ...HERE, demo: false }, [], false), []);
});
