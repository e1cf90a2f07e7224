import { request } from 'node:http';
import t from 'tap';
import { effectsByLevel } from '../../backpressure/ladder-levels.ts';
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

t.test('OPS-32 metrics, health, readiness and status; everything else is a problem', async (t) => {
  let ready = true;
  const readiness = (): Readiness => ({
    ready,
    draining: false,
    planes: [{ plane: 'control', worker: 0, ready, reasons: ready ? [] : ['it is waiting'] }],
  });
  const status = () => ({ gatewayId: 'a<b' }) as GatewayStatus;
  const ladder = () => ({
    level: 0,
    highest: 6,
    pinned: false,
    cause: null,
    effects: effectsByLevel([])[0]!,
    load: {},
  });
  const view: GatewayView = { readiness, status, families: () => [], live: () => [], ladder, pinLadder: () => {} };
  const flags = [['demo', true] as const, ['listen.operator.port', 0] as const, ['gatewayId', 'a<b'] as const];
  const config = loadConfig({
    file: null,
    environment: {},
    flags: flags.map(([path, value]) => ({ flag: path, path, value })),
  });
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
  ] as const;
  for (const [answer, expected] of problems) {
    t.equal(answer.status, expected);
    t.match(answer.type, /^application\/problem\+json/);
    t.match(JSON.parse(answer.text), { type: 'about:blank', title: String, status: expected, detail: String });
    t.notMatch(answer.text, /inner detail/);
  }
});
