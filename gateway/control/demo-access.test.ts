import t from 'tap';
import { demoAccess } from './demo-access.ts';

const HOST = '127.0.0.1:7480';
const PLAIN = { host: HOST, origin: '', authorization: '' };

t.test(
  'DEMO-8 without a secret the page of this machine gets in, by any of its names, and no other page',
  async (t) => {
    const admit = demoAccess({ pageSecret: '' });
    for (const host of [HOST, 'localhost:7480', '[::1]:7480', '127.0.0.1']) {
      t.equal(admit({ ...PLAIN, host }), null, host);
      t.equal(admit({ ...PLAIN, host, origin: `http://${host}` }), null, `${host}, told by its page`);
    }
    for (const host of ['evil.example', 'evil.example:7480', '127.0.0.1.evil.example', '192.168.1.5:7480', '']) {
      t.match(admit({ ...PLAIN, host }), { status: 403 }, `the name ${host} was made to lead here`);
    }
    for (const origin of ['http://evil.example', 'http://127.0.0.1:7481', 'http://localhost:7480', 'null']) {
      t.match(admit({ ...PLAIN, origin }), { status: 403 }, `a page of ${origin}`);
    }
  },
);

t.test('DEMO-14 with a secret only who bears it gets in, from wherever', async (t) => {
  const admit = demoAccess({ pageSecret: 'abcdefghijkmnpqr' });
  const far = { ...PLAIN, host: '192.168.1.5:7480', origin: 'https://192.168.1.5:7480' };
  t.equal(admit({ ...far, authorization: 'Bearer abcdefghijkmnpqr' }), null);
  for (const authorization of ['', 'Bearer', 'Bearer ', 'Bearer abcdefghijkmnpq', 'abcdefghijkmnpqr', 'Basic abc']) {
    t.match(admit({ ...far, authorization }), { status: 401 }, authorization);
    t.match(admit({ ...PLAIN, authorization }), { status: 401 }, `on loopback too: ${authorization}`);
  }
  t.notMatch(JSON.stringify(admit(far)), /abcdefghijkmnpqr/, 'no refusal holds it');
});
