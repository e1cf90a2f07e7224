import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { demoCertificate } from '../supervisor/demo-certificate.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { CONFIG_FIELDS } from './config-fields.ts';
import { type ConfigFlag, flagOfAssignment } from './config-sources.ts';
import { defaultConfigYaml } from './default-config.ts';
import { loadConfig } from './load-config.ts';

const KEYS = 'keys: {acme: {tenants: [acme], secret: 0123456789abcdef0123456789abcdef}}\n';
const DEMO: readonly ConfigFlag[] = [{ flag: '--demo', path: 'demo', value: true }];

/** Loads `yaml` from a file called gateway.yaml. */
function load(yaml: string, environment: Record<string, string> = {}, flags: readonly ConfigFlag[] = []): Config {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-config-'));
  try {
    const file = join(folder, 'gateway.yaml');
    writeFileSync(file, yaml);
    return loadConfig({ file, environment, flags });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The problems of a configuration that does not load, with the folder taken off. */
function problemsOf(run: () => unknown): { problems: string[]; usage: boolean } {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: error.problems.map((line) => line.replace(/^\S*(?=gateway\.yaml)/, '')), usage: error.usage };
  }
  throw new Error('it loaded');
}

t.test('OPS-1 a flag wins over a variable, a variable over the file, the file over the default', async (t) => {
  const file = `${KEYS}heartbeatMs: 2000\nresumeMs: 2000\ndrainMs: 2000\n`;
  const config = load(file, { SLUICE_RESUME_MS: '3000', SLUICE_DRAIN_MS: '3000' }, [flagOfAssignment('drainMs=4000')]);
  t.equal(config.nodeDeadlineMs, 3000);
  t.equal(config.heartbeatMs, 2000);
  t.equal(config.resumeMs, 3000);
  t.equal(config.drainMs, 4000);
});

t.test('OPS-1 every field has a variable of its own, and words may be a comma list', async (t) => {
  t.equal(new Set(CONFIG_FIELDS.map((field) => field.variable)).size, CONFIG_FIELDS.length);
  const config = load(KEYS, {
    SLUICE_LISTEN_SIGNAL_PORT: '7580',
    SLUICE_ORIGINS: 'https://a.example, https://b.example',
    SLUICE_LIMITS_HANDSHAKES_PER_SECOND_PER_ADDRESS: '7',
    SLUICE_PROXY_PROTOCOL: 'true',
    SLUICE_GATEWAY_ID: '007',
  });
  t.equal(config.listen.signal.port, 7580);
  t.strictSame(config.origins, ['https://a.example', 'https://b.example']);
  t.equal(config.limits.handshakesPerSecondPerAddress, 7);
  t.equal(config.proxyProtocol, true);
  t.equal(config.gatewayId, '007', 'text is not read as a number');
});

t.test('OPS-2 an error names the line, the path and what was expected', async (t) => {
  const { problems, usage } = problemsOf(() =>
    load('listen:\n  signal:\n    port: high\n    hots: 1\norigins: 3\nkeys:\n  a: {tenants: []}\n'),
  );
  t.equal(usage, false);
  t.strictSame(problems.sort(), [
    'gateway.yaml:3: listen.signal.port: expected a number, found "high"',
    'gateway.yaml:4: listen.signal.hots: there is no such key (did you mean "host"?)',
    'gateway.yaml:5: origins: expected a list, found 3',
    'gateway.yaml:7: keys.a.secret: expected, because the algorithm is HS256',
    'gateway.yaml:7: keys.a.tenants: expected at least 1 entries, found a list of 0',
  ]);
});

t.test('OPS-2 an error names the variable or the flag it came from', async (t) => {
  t.strictSame(problemsOf(() => load(KEYS, { SLUICE_HEARTBEAT_MS: 'soon' })).problems, [
    'SLUICE_HEARTBEAT_MS: heartbeatMs: expected a number, found "soon"',
  ]);
  t.strictSame(problemsOf(() => load(KEYS, { SLUICE_HEARTBEET_MS: '1' })).problems, [
    'SLUICE_HEARTBEET_MS: there is no such variable (did you mean "SLUICE_HEARTBEAT_MS"?)',
  ]);
  const flag = problemsOf(() => load(KEYS, {}, [flagOfAssignment('listen.signal.port=70000')]));
  t.strictSame(flag, {
    problems: ['--set listen.signal.port: listen.signal.port: expected at most 65535, found 70000'],
    usage: true,
  });
  t.match(problemsOf(() => flagOfAssignment('listen.signl.port=1')).problems[0], /did you mean "listen.signal.port"/);
});

t.test('OPS-2 files that cannot be read or parsed, or are no mapping, are one clear line', async (t) => {
  const missing = problemsOf(() => loadConfig({ file: '/nowhere/gateway.yaml', environment: {}, flags: [] }));
  t.strictSame(missing.problems, ['gateway.yaml: cannot be read: there is no such file']);
  t.match(problemsOf(() => load('a: 1\nb: [\n')).problems, [/^gateway\.yaml:\d: not valid YAML/]);
  t.strictSame(problemsOf(() => load('- a\n')).problems, ['gateway.yaml:1: expected a mapping of keys to values']);
});

t.test('OPS-2 secrets are never shown in errors', async (t) => {
  const { problems } = problemsOf(() => load('keys: {a: {tenants: [a], secret: too-short-to-be-safe}}\n'));
  t.strictSame(problems, ['gateway.yaml:1: keys.a.secret: expected at least 32 characters']);
});

t.test('OPS-3 without keys a gateway does not start, and the published key is for demo mode only', async (t) => {
  t.match(problemsOf(() => load('region: eu\n')).problems, [/keys: expected at least one API key/]);
  const secret = load('', {}, DEMO).keys.devkey?.secret;
  t.match(problemsOf(() => load(`keys: {a: {tenants: [a], secret: ${secret}}}\n`)).problems, [/published/]);
});

t.test('OPS-3 demo mode fills in a key and stays on loopback', async (t) => {
  const config = load('', {}, DEMO);
  t.strictSame(config.keys.devkey?.tenants, ['demo']);
  t.strictSame(config.origins, ['*']);
  t.strictSame([...new Set(Object.values(config.listen).map(({ host }) => host))], ['127.0.0.1']);
  t.match(problemsOf(() => load('listen: {signal: {host: 0.0.0.0}}\n', {}, DEMO)).problems, [
    /expected a loopback address/,
  ]);
  const withOwnKey = load(KEYS, {}, DEMO);
  t.strictSame(Object.keys(withOwnKey.keys).sort(), ['acme', 'devkey']);
});

t.test('OPS-4 two listeners, of any worker, are never given one port', async (t) => {
  t.match(problemsOf(() => load(`${KEYS}listen: {operator: {port: 7480}}\n`)).problems, [
    /7480 is also that of signal/,
  ]);
  t.match(
    problemsOf(() => load(`${KEYS}metadataWorkers: 2\nlisten: {operator: {host: 127.0.0.1, port: 7491}}\n`)).problems,
    [/7491 is also that of metadata/],
  );
  t.doesNotThrow(() => load(`${KEYS}listen: {operator: {port: 0}, signal: {port: 0}}\n`), 'any free port');
});

t.test('OPS-5 the configuration is frozen throughout', async (t) => {
  const config = load(KEYS);
  t.ok(Object.isFrozen(config) && Object.isFrozen(config.listen.signal) && Object.isFrozen(config.keys.acme?.tenants));
});

t.test('OPS-6 the printed defaults are YAML that loads back to the defaults', async (t) => {
  const text = defaultConfigYaml();
  const config = load(text.replace(/^keys: .*\n/m, KEYS));
  t.strictSame(config, load(KEYS));
  t.ok(Object.keys(parse(text)).length > 10);
});

const LAN: readonly ConfigFlag[] = [...DEMO, { flag: '--lan', path: 'lan', value: true }];

t.test(
  'OPS-8 for the network demo mode makes up every secret, and only clients’ listeners are open to it',
  async (t) => {
    const [one, other] = [load('', {}, LAN), load('', {}, LAN)];
    const secretsOf = ({ keys, nodeTokens, pageSecret }: Config) => [keys.devkey!.secret, nodeTokens[0], pageSecret];
    for (const [index, secret] of secretsOf(one).entries()) {
      t.ok(secret!.length >= 16, 'a secret there is');
      t.not(secret, secretsOf(other)[index], 'of each start');
    }
    const hosts = Object.entries(one.listen).map(([name, { host }]) => `${name} ${host}`);
    t.strictSame(hosts, [
      'signal 0.0.0.0',
      'metadata 0.0.0.0',
      'nodeControl 127.0.0.1',
      'nodeMetadata 127.0.0.1',
      'operator 127.0.0.1',
    ]);
    t.equal(load('pageSecret: one-of-my-own-000\n', {}, LAN).pageSecret, 'one-of-my-own-000');
  },
);

t.test('OPS-8 what would open the demo to strangers is refused', async (t) => {
  const published = `keys: {devkey: {tenants: [demo], secret: ${load('', {}, DEMO).keys.devkey!.secret}}}\n`;
  const cases: [string, readonly ConfigFlag[], RegExp][] = [
    ['listen: {operator: {host: 0.0.0.0}}\n', LAN, /listen\.operator\.host: expected a loopback address/],
    ['listen: {nodeControl: {host: 0.0.0.0}}\n', LAN, /listen\.nodeControl\.host: expected a loopback address/],
    [published, LAN, /keys\.devkey\.secret: expected a secret of your own/],
    ['pageSecret: short\n', LAN, /pageSecret: expected at least 16 characters/],
    [`${KEYS}lan: true\n`, [], /lan: means nothing without demo/],
    [`${KEYS}pageSecret: one-of-my-own-000\n`, [], /pageSecret: means nothing without demo/],
  ];
  for (const [yaml, flags, message] of cases) t.match(problemsOf(() => load(yaml, {}, flags)).problems, [message]);
});

t.test(
  'OPS-7 key and certificate of a listener are found from the file that names them, and belong together',
  async (t) => {
    const folder = t.testdir({ 'gateway.yaml': '', 'empty.pem': '' });
    const [one, other] = await Promise.all(
      ['one', 'other'].map((name) =>
        demoCertificate(join(folder, name), { hosts: ['localhost'], addresses: [] }, Date.now()),
      ),
    );
    const at = (keyFile: string, certFile: string) => {
      const file = join(folder, 'gateway.yaml');
      writeFileSync(file, `${KEYS}listen:\n  signal:\n    tls: {keyFile: '${keyFile}', certFile: '${certFile}'}\n`);
      return loadConfig({ file, environment: {}, flags: [] });
    };
    const files = { key: readFileSync(one!.keyFile), cert: readFileSync(one!.certFile) };
    const strange = readFileSync(other!.keyFile);
    for (const [name, text] of Object.entries({ 'key.pem': files.key, 'cert.pem': files.cert, 'strange.pem': strange }))
      writeFileSync(join(folder, name), text);
    t.strictSame(at('key.pem', 'cert.pem').listen.signal.tls, {
      keyFile: join(folder, 'key.pem'),
      certFile: join(folder, 'cert.pem'),
    });
    const cases: [string, string, RegExp][] = [
      ['key.pem', '', /:4: listen\.signal\.tls\.certFile: expected, because there is a keyFile/],
      ['', 'cert.pem', /:4: listen\.signal\.tls\.keyFile: expected, because there is a certFile/],
      ['nowhere.pem', 'cert.pem', /keyFile: expected a file that can be read, found .*nowhere\.pem/],
      ['empty.pem', 'cert.pem', /keyFile: expected a private key in PEM, without a passphrase, found something else/],
      ['key.pem', 'key.pem', /certFile: expected a certificate in PEM, found something else in .*key\.pem/],
      [
        'strange.pem',
        'cert.pem',
        /certFile: expected the certificate of the key in .*strange\.pem, found one of another/,
      ],
    ];
    for (const [key, cert, message] of cases) t.match(problemsOf(() => at(key, cert)).problems, [message]);
    const flags = [flagOfAssignment('listen.metadata.tls.keyFile=/nowhere.pem')];
    t.match(problemsOf(() => load(KEYS, {}, flags)).problems, [/--set .*keyFile/, /certFile: expected/]);
  },
);
