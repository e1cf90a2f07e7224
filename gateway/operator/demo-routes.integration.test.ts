import { request } from 'node:http';
import t from 'tap';
import type { FloodWish } from '../agents/flood-wish.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { demoControls } from '../supervisor/demo-controls.ts';
import type { DemoControls } from './demo-routes.ts';
import type { GatewayView } from './gateway-view.ts';
import { startOperatorApi } from './operator-api.ts';

const PAGE = 'http://127.0.0.1:7480';

function configWith(...values: readonly (readonly [string, unknown])[]): Config {
  const flags = values.map(([path, value]) => ({ flag: path, path, value }));
  return loadConfig({ file: null, environment: {}, flags });
}

const DEMO = configWith(['demo', true], ['listen.operator.port', 0]);
const SERIOUS = configWith(
  ['listen.operator.port', 0],
  ['keys', { key: { tenants: ['a'], algorithm: 'HS256', secret: '0123456789012345678901234567890123' } }],
);
const CALM = { level: 0, effects: { advice: [] } };
const VIEW = { live: () => [], families: () => [], ladder: () => CALM } as unknown as GatewayView;
const metricsText = async () => '';

interface Ask {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask(port: number, path: string, { method = 'GET', body, headers = {} }: Ask = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const answer = (text: string) => resolve({ status: response.statusCode ?? 0, text });
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk;
        if (!path.startsWith('/v1/live')) return;
        response.destroy();
        answer(text);
      });
      response.on('end', () => answer(text));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function controls() {
  const started: FloodWish[] = [];
  const flood = {
    status: () => ({ running: started.length > 0 }),
    start: (wish: FloodWish) => ({ running: started.push(wish) > 0 }),
    stop: () => ({ running: false }),
  };
  const demo: DemoControls = { accessToken: async (identity, room) => `${identity}@${room}`, flood };
  return { demo, started };
}

t.test('DEMO-7 outside demo mode there are no access tokens to be had and no floods', async (t) => {
  t.equal(demoControls(SERIOUS, { nice: false, raise: false, realTime: false }), null);
  const api = await startOperatorApi({ config: SERIOUS, view: VIEW, metricsText });
  t.teardown(() => api.close());
  t.equal((await ask(api.port, '/demo/token?identity=a&room=b')).status, 404);
  t.equal((await ask(api.port, '/demo/flood')).status, 404);
  t.equal((await ask(api.port, '/demo/flood', { method: 'POST' })).status, 404);
  t.equal((await ask(api.port, '/v1/live', { headers: { origin: PAGE } })).status, 403, 'and no page is let in');
  t.match(await ask(api.port, '/v1/live'), { status: 200, text: /^data: \{.*\}\n\n/ });
});

t.test('DEMO-8 the demo’s controls answer programs of this machine, and no page of another origin', async (t) => {
  const { demo, started } = controls();
  const api = await startOperatorApi({ config: DEMO, view: VIEW, metricsText, demo });
  t.teardown(() => api.close());
  const json = { 'content-type': 'application/json' };

  t.strictSame(await ask(api.port, '/demo/token?identity=ada&room=demo'), {
    status: 200,
    text: '{"accessToken":"ada@demo"}',
  });
  t.match(await ask(api.port, '/v1/live'), { status: 200 });
  for (const origin of [PAGE, 'http://evil.example', 'http://127.0.0.1:7481', 'null']) {
    const stranger = { headers: { origin, ...json } };
    t.match(await ask(api.port, '/demo/token?identity=a&room=b', stranger), { status: 403 }, origin);
    const flood = { ...stranger, method: 'POST', body: '{"temper":"rude","agents":1,"framesPerSecond":1}' };
    t.equal((await ask(api.port, '/demo/flood', flood)).status, 403, origin);
  }
  t.equal((await ask(api.port, '/demo/token?identity=a%0Ab&room=demo')).status, 400, 'names are words');
  t.strictSame(started, []);
});

t.test('DEMO-9 a flood is bounded: what is wrong with a wish is said', async (t) => {
  const { demo, started } = controls();
  const api = await startOperatorApi({ config: DEMO, view: VIEW, metricsText, demo });
  t.teardown(() => api.close());
  const wish = { temper: 'rude', agents: 200, framesPerSecond: 100_000 };
  const post = (body: unknown) =>
    ask(api.port, '/demo/flood', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  t.match(await post(wish), { status: 200, text: /"running":true/ });
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ ...wish, agents: 201 }, /agents: expected a whole number from 1 to 200/],
    [{ ...wish, agents: 0 }, /agents/],
    [{ ...wish, agents: 1.5 }, /agents/],
    [{ ...wish, framesPerSecond: 100_001 }, /framesPerSecond: expected a whole number from 1 to 100000/],
    [{ ...wish, framesPerSecond: '5' }, /framesPerSecond/],
    [{ ...wish, temper: 'kind' }, /temper: expected one of cooperative, over-rate, rude/],
    [{ ...wish, target: 'ws://elsewhere' }, /target: no such member/],
  ];
  for (const [body, detail] of wrong) t.match(await post(body), { status: 400, text: detail });
  t.strictSame(started, [wish]);
  t.match(await ask(api.port, '/demo/flood', { method: 'DELETE' }), { status: 200, text: /"running":false/ });
});
