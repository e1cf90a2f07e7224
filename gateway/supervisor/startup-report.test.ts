import t from 'tap';
import { loadConfig } from '../config/load-config.ts';
import { demoCertificate } from './demo-certificate.ts';
import { demoLines } from './demo-report.ts';
import { type StartupFacts, startupReport } from './startup-report.ts';

const DEMO = loadConfig({ file: null, environment: {}, flags: [{ flag: '--demo', path: 'demo', value: true }] });
const GOOD: StartupFacts = {
  version: '1.2.3',
  config: DEMO,
  policy: { version: 4, name: 'calm', hash: '0123456789ab' },
  startupMs: 321,
  planes: [
    { plane: 'control', worker: 0, pid: 11, priorities: { least: 0, most: 0, threads: 7, realTime: 1 } },
    { plane: 'metadata', worker: 0, pid: 12, priorities: { least: 10, most: 10, threads: 7, realTime: 0 } },
  ],
  ownNice: 0,
  cpuQuota: null,
  receiveBuffer: { minBytes: 4096, defaultBytes: 87_380, maxBytes: 131_072 },
  demo: await demoLines(DEMO, [], false),
};

t.test('OPS-17 the report shows version, policy, listeners, processes and priorities', async (t) => {
  const text = startupReport(GOOD);
  for (const part of [
    '1.2.3',
    'policy "calm" version 4 (0123456789ab)',
    'ws://127.0.0.1:7480/v1/signal',
    'ws://127.0.0.1:7481/v1/metadata',
  ]) {
    t.ok(text.includes(part), part);
  }
  t.match(text, /control +pid 11 +real-time on its event loop \(1 of 7 threads\)/);
  t.match(text, /metadata 0 +pid 12 +nice 10 on all 7 threads/);
  t.match(text, /open http:\/\/127\.0\.0\.1:7480\/ in two tabs/);
  t.match(text, /npx sluice call --room demo/);
  t.notMatch(text, / ! /, 'nothing to do');
});

t.test('OPS-17 the report says what did not take effect and what to do about it', async (t) => {
  const [control, metadata] = [GOOD.planes[0]!, GOOD.planes[1]!];
  const cases: [Partial<StartupFacts>, RegExp][] = [
    [
      { planes: [{ ...control, priorities: { least: -5, most: -5, threads: 7, realTime: 0 } }, metadata] },
      /nice −5 on all[\s\S]*! control does not go before[\s\S]*CAP_SYS_NICE/,
    ],
    [
      { planes: [control, { ...metadata, priorities: { least: 0, most: 10, threads: 7, realTime: 0 } }] },
      /! metadata was not lowered[\s\S]*coreutils/,
    ],
    [{ cpuQuota: 1.5 }, /CPU quota 1\.5[\s\S]*! Under a CPU quota nice is void[\s\S]*--planes control/],
    [
      { receiveBuffer: { minBytes: 4096, defaultBytes: 131_072, maxBytes: 6_291_456 } },
      /! With receive buffers[\s\S]*sysctl -w net\.ipv4\.tcp_rmem="4096 131072 131072"/,
    ],
  ];
  for (const [change, expected] of cases) t.match(startupReport({ ...GOOD, ...change }), expected);
});

t.test('OPS-7 a certificate that ends within two weeks is said to, with its file', async (t) => {
  const DAY_MS = 86_400_000;
  const reported = async (agoDays: number) => {
    const names = { hosts: ['localhost'], addresses: [] };
    const tls = await demoCertificate(t.testdir(), names, Date.now() - agoDays * DAY_MS);
    const listen = { ...DEMO.listen, signal: { ...DEMO.listen.signal, tls } };
    return { tls, text: startupReport({ ...GOOD, config: { ...DEMO, listen } }) };
  };
  t.notMatch((await reported(300)).text, /certificate/);
  const { text, tls } = await reported(390);
  t.match(text, /! The certificate of listen\.signal is not valid after \d{4}-\d\d-\d\d\./);
  t.ok(text.includes(tls.certFile));
  t.notMatch(text, /listen\.metadata is not/);
  t.match(text, /wss:\/\/127\.0\.0\.1:7480\/v1\/signal/);
});
