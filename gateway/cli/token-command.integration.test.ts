import t from 'tap';
import { DEMO_API_KEY } from '../config/demo-config.ts';
import { sluice } from './fixtures/demo-gateway.ts';

const create = (...args: string[]) => sluice('token', 'create', ...args);
const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

t.test('CLIENT-29 standard output is the access token and nothing else', async (t) => {
  const { code, stdout, stderr } = await create(
    '--identity',
    'ada',
    '--room',
    'r',
    '--agent',
    '--no-publish',
    '--ttl',
    '60',
  );
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const claims = claimsOf(stdout);
  t.match(claims, { iss: DEMO_API_KEY, sub: 'ada', kind: 'agent', video: { room: 'r', canPublish: false } });
  t.equal(claims.exp - claims.nbf, 60);
  const verbose = await create('--identity', 'ada', '--api-key', 'mine', '--api-secret', 'secret', '--verbose');
  t.match(verbose.stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  t.match(verbose.stderr, /identity {2}ada[\s\S]*signed {4}mine/);
  t.notMatch(verbose.stderr, 'secret');
});

t.test('CLIENT-30 wrong options are one line and exit code 2', async (t) => {
  const wrong: [string[], RegExp][] = [
    [[], /--identity/],
    [['--identity', ''], /an identity is 1 to/],
    [['--identity', 'a', '--ttl', '1.5'], /--ttl .*expected whole seconds/],
    [['--identity', 'a', '--api-key', 'mine'], /--api-key is given without --api-secret/],
    [['--identity', 'a', '--api-secret', 'x'], /--api-secret is given without --api-key/],
    [['--identity', 'a', '--colour', 'red'], /unknown option '--colour'/],
  ];
  const ends = await Promise.all(wrong.map(([args]) => create(...args)));
  for (const [index, { code, stdout, stderr }] of ends.entries()) {
    t.equal(code, 2);
    t.equal(stdout, '');
    t.match(stderr, wrong[index]![1]);
    t.match(stderr, /^sluice: [^\n]+\n$/, 'one line');
  }
});
