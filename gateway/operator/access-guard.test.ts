import t from 'tap';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { accessGuard, type Visit } from './access-guard.ts';

const TOKEN = 'an-operator-token-of-some-length';

function configured(...set: [string, unknown][]): Config {
  const flags = [['demo', true] as [string, unknown], ...set].map(([path, value]) => ({ flag: path, path, value }));
  return loadConfig({ file: null, environment: {}, flags });
}

const LOCAL: Visit = {
  remoteAddress: '127.0.0.1',
  localAddress: '127.0.0.1',
  host: 'localhost:7490',
  origin: undefined,
  authorization: undefined,
};

t.test('OPS-30 without operator tokens only this machine may use the operator API', async (t) => {
  const refuse = accessGuard(configured());
  t.equal(refuse(LOCAL), null);
  t.equal(refuse({ ...LOCAL, remoteAddress: '::ffff:127.0.0.1' }), null);
  t.equal(refuse({ ...LOCAL, remoteAddress: '192.0.2.7' })?.status, 403);
  t.equal(refuse({ ...LOCAL, remoteAddress: '::ffff:192.0.2.7' })?.status, 403);
});

t.test('OPS-30 with operator tokens, one of them is required of everyone', async (t) => {
  const refuse = accessGuard(configured(['operatorTokens', [{ token: TOKEN, role: 'viewer' }]]));
  t.equal(refuse(LOCAL)?.status, 401);
  t.equal(refuse({ ...LOCAL, authorization: `Bearer ${TOKEN}x` })?.status, 401);
  t.equal(refuse({ ...LOCAL, authorization: `Basic ${TOKEN}` })?.status, 401);
  t.equal(refuse({ ...LOCAL, authorization: `Bearer ${TOKEN}` }), null);
  t.equal(refuse({ ...LOCAL, authorization: `Bearer ${TOKEN}`, remoteAddress: '192.0.2.7' }), null);
});

t.test('OPS-31 a Host header that does not name the gateway is refused, with a token too', async (t) => {
  const open = accessGuard(configured());
  const guarded = accessGuard(configured(['operatorTokens', [{ token: TOKEN, role: 'viewer' }]]));
  for (const host of ['localhost', 'LOCALHOST:7490', '127.0.0.1:7490', '[::1]:7490'])
    t.equal(open({ ...LOCAL, host }), null, host);
  for (const host of [
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'localhost@evil.example',
    '192.0.2.7',
    'a b',
  ]) {
    t.equal(open({ ...LOCAL, host })?.status, 403, String(host));
    t.equal(guarded({ ...LOCAL, host, authorization: `Bearer ${TOKEN}` })?.status, 403, String(host));
  }
  t.equal(open({ ...LOCAL, host: '127.0.0.2:7490', localAddress: '127.0.0.2' }), null, 'the address that was dialled');
});

t.test('OPS-31 requests from pages of other origins are refused', async (t) => {
  const refuse = accessGuard(configured());
  t.equal(refuse({ ...LOCAL, origin: 'http://localhost:7490' }), null);
  for (const origin of ['http://evil.example', 'null', '', 'http://localhost:8080']) {
    t.equal(refuse({ ...LOCAL, origin })?.status, 403, origin);
  }
});
