import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { effectsByLevel } from '../../backpressure/ladder-levels.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { GatewayStatus, GatewayView, Readiness } from './gateway-view.ts';
import { startOperatorApi } from './operator-api.ts';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

const PLAIN_VIEW: GatewayView = {
  readiness: () => ({ ready: true, draining: false, planes: [] }),
  status: () => ({ gatewayId: 'a<b' }) as GatewayStatus,
  families: () => [],
  live: () => [],
  ladder: () => ({ level: 0, highest: 6, pinned: false, cause: null, effects: effectsByLevel([])[0]!, load: {} }),
  pinLadder: () => {},
};

function configOf(...flags: [path: string, value: unknown][]): Config {
  const all: [string, unknown][] = [['demo', true], ['listen.operator.port', 0], ...flags];
  return loadConfig({ file: null, environment: {}, flags: all.map(([path, value]) => ({ flag: path, path, value })) });
}

t.test('OPS-32 metrics, health, readiness and status; everything else is a problem', async (t) => {
  let ready = true;
  const readiness = (): Readiness => ({
    ready,
    draining: false,
    planes: [{ plane: 'control', worker: 0, ready, reasons: ready ? [] : ['it is waiting'] }],
  });
  const view: GatewayView = { ...PLAIN_VIEW, readiness };
  const config = configOf(['gatewayId', 'a<b']);
  let fail = false;
  const metricsText = async () => {
    if (fail) throw new Error('inner detail');
    return 'sluice_x 1\n';
  };
  const api = await startOperatorApi({ config, view, metricsText });
  t.teardown(() => api.close());

  t.match(await get(api.port, '/metrics'), {
    status: 200,
    type: /^text\/plain; version=0\.0\.4/,
    text: 'sluice_x 1\n',
  });
  t.match(await get(api.port, '/healthz'), { status: 200 });
  t.match(await get(api.port, '/readyz'), { status: 200, type: /json/ });
  t.match(JSON.parse((await get(api.port, '/v1/status')).text), { gatewayId: 'a<b' });
  const page = await get(api.port, '/');
  for (const path of ['/metrics', '/healthz', '/readyz', '/v1/status'])
    t.ok(page.text.includes(`href="${path}"`), path);
  t.notOk(page.text.includes('a<b'), 'names are escaped');

  ready = false;
  t.match(await get(api.port, '/readyz'), { status: 503, text: /it is waiting/ });
  fail = true;
  const problems = [
    [await get(api.port, '/nothing'), 404],
    [await get(api.port, '/metrics', {}, 'POST'), 404],
    [await get(api.port, '/v1/status', { host: 'evil.example' }), 403],
    [await get(api.port, '/metrics'), 500],
    [await get(api.port, '/%'), 400],
  ] as const;
  for (const [answer, expected] of problems) {
    t.equal(answer.status, expected);
    t.match(answer.type, /^application\/problem\+json/);
    t.match(JSON.parse(answer.text), { type: 'about:blank', title: String, status: expected, detail: String });
    t.notMatch(answer.text, /inner detail/);
  }
});

t.test('OPS-35 what does not arrive whole, or is no HTTP, is answered and its connection closed', async (t) => {
  const options = { config: configOf(), view: PLAIN_VIEW, metricsText: async () => '' };
  const api = await startOperatorApi({ ...options, requestMs: 200 });
  t.teardown(() => api.close());
  const answers = {
    'GET /v1/status HT': 408,
    [`PUT /v1/ladder HTTP/1.1\r\nHost: 127.0.0.1:${api.port}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`]: 408,
    '\x16\x03\x01no HTTP\r\n\r\n': 400,
    [`GET / HTTP/1.1\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`]: 431,
  };
  for (const [sent, status] of Object.entries(answers)) {
    const socket = connect(api.port, '127.0.0.1');
    socket.write(sent);
    const answer = await text(socket);
    t.equal(answer.split(' ')[1], String(status), sent.slice(0, 40));
    t.match(answer, /^content-type: application\/problem\+json/m);
    t.match(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))), { status, detail: String });
  }
});

t.test('OPS-35 a body that cannot be used is refused with what was expected', async (t) => {
  const api = await startOperatorApi({ config: configOf(), view: PLAIN_VIEW, metricsText: async () => '' });
  t.teardown(() => api.close());
  const put = async (type: string, body: string): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${api.port}/v1/ladder`, {
      method: 'PUT',
      headers: { 'content-type': type },
      body,
    });
    return [response.status, ((await response.json()) as { detail: string }).detail];
  };
  const form = 'application/x-www-form-urlencoded';
  t.strictSame(await put(form, 'pin=1'), [415, `expected content-type application/json, found ${form}`]);
  t.strictSame(await put('application/json', '{"pin":'), [400, 'the body is not valid JSON']);
  t.strictSame(await put('application/json', '{"__proto__":{"pin":1}}'), [400, 'the body is not valid JSON']);
  t.strictSame(await put('application/json', ''), [400, 'expected a body of JSON, found none']);
  t.strictSame(await put('application/json', ' '.repeat(2_000_000)), [413, 'expected a body of at most 1048576 bytes']);
});
