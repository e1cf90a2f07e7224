import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import t from 'tap';
import { createAccessToken, verifyAccessToken } from './access-token.ts';
import { type KeyRing, loadKeyRing } from './key-ring.ts';
import { isRefusal } from './refusal.ts';

const SECRET = 'a secret that only tests know, 0123456789';
const NOW_MS = 1_800_000_000_000;
const NOW = NOW_MS / 1000;

const ring = await loadKeyRing({
  one: { tenants: ['acme'], algorithm: 'HS256', secret: SECRET },
  two: { tenants: ['acme', 'globex'], algorithm: 'HS256', secret: SECRET },
});

function sign(claims: JWTPayload, algorithm = 'HS256', secret = SECRET): Promise<string> {
  return new SignJWT({ iss: 'one', sub: 'ann', ...claims })
    .setProtectedHeader({ alg: algorithm })
    .sign(new TextEncoder().encode(secret));
}

async function outcome(jwt: string, keys: KeyRing = ring): Promise<string> {
  const result = await verifyAccessToken(keys, jwt, NOW_MS);
  return isRefusal(result) ? `${result.status} ${result.message}` : `ok ${result.tenant} ${result.identity}`;
}

t.test('EDGE-4 a token in LiveKit shape becomes a principal, absent grants being allowed', async (t) => {
  const least = await verifyAccessToken(ring, await sign({}), NOW_MS);
  t.same(least, {
    identity: 'ann',
    name: '',
    tenant: 'acme',
    apiKey: 'one',
    kind: 'standard',
    room: '',
    roomJoin: true,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    hidden: false,
    region: '',
    classes: null,
    expiresAtMs: Number.POSITIVE_INFINITY,
  });
  t.ok(Object.isFrozen(least));
  const full = await sign({
    exp: NOW + 60,
    name: 'Ann',
    kind: 'agent',
    video: { room: 'r', roomJoin: false, canPublish: false, canSubscribe: false, canPublishData: false, hidden: true },
    sluice: { tenant: 'acme', region: 'eu', classes: ['captions'] },
    somethingElse: true,
  });
  t.match(await verifyAccessToken(ring, full, NOW_MS), {
    name: 'Ann',
    kind: 'agent',
    room: 'r',
    roomJoin: false,
    canPublish: false,
    canSubscribe: false,
    canPublishData: false,
    hidden: true,
    region: 'eu',
    classes: ['captions'],
    expiresAtMs: NOW_MS + 60_000,
  });
});

t.test('EDGE-4 expiry and nbf have a leeway of 10 s and are told in seconds', async (t) => {
  t.match(await outcome(await sign({ exp: NOW - 34 })), '401 the access token expired 34 s ago');
  t.equal(await outcome(await sign({ exp: NOW - 9 })), 'ok acme ann');
  t.match(await outcome(await sign({ nbf: NOW + 20 })), '401 the access token is not valid before 20 s from now');
  t.equal(await outcome(await sign({ nbf: NOW + 9 })), 'ok acme ann');
});

t.test('EDGE-4 the algorithm is the key’s: none, another, or a public key used as secret are refused', async (t) => {
  const unsigned = new UnsecuredJWT({ iss: 'one', sub: 'ann' }).encode();
  t.match(await outcome(unsigned), '401');
  t.match(
    await outcome(await sign({}, 'HS384')),
    '401 the access token is signed with "HS384"; API key "one" takes HS256',
  );
  t.match(
    await outcome(await sign({}, 'HS256', 'a forged secret')),
    '401 the access token has a signature that API key',
  );

  const folder = await mkdtemp(join(tmpdir(), 'jwks-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'jwks.json');
  for (const algorithm of ['RS256', 'EdDSA'] as const) {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const jwk = await exportJWK(publicKey);
    await writeFile(file, JSON.stringify({ keys: [{ ...jwk, kid: 'k1' }] }));
    const keys = await loadKeyRing({ file: { tenants: ['acme'], algorithm, jwksFile: file } });
    const claims = { iss: 'file', sub: 'ann' };
    const header = { alg: algorithm, kid: 'k1' };
    t.equal(await outcome(await new SignJWT(claims).setProtectedHeader(header).sign(privateKey), keys), 'ok acme ann');
    const unknown = await new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid: 'k2' }).sign(privateKey);
    t.match(await outcome(unknown, keys), '401 the access token is signed with a key that is not in the JWKS file');
    const confused = await sign(claims, 'HS256', JSON.stringify(jwk));
    t.match(await outcome(confused, keys), `API key "file" takes ${algorithm}`);
    await t.rejects(
      loadKeyRing({ file: { tenants: [], algorithm: algorithm === 'RS256' ? 'EdDSA' : 'RS256', jwksFile: file } }),
      { message: /keys\.file\.jwksFile .* is no JSON Web Key Set for/ },
    );
  }
});

t.test('EDGE-4 unusable keys are named when they are loaded', async (t) => {
  await t.rejects(loadKeyRing({ k: { tenants: [], algorithm: 'HS256' } }), {
    message: /keys\.k: HS256 needs a secret/,
  });
  await t.rejects(loadKeyRing({ k: { tenants: [], algorithm: 'EdDSA' } }), {
    message: /keys\.k: EdDSA needs a jwksFile/,
  });
  await t.rejects(loadKeyRing({ k: { tenants: [], algorithm: 'EdDSA', jwksFile: '/nonexistent' } }), {
    message: /keys\.k\.jwksFile \/nonexistent cannot be read/,
  });
});

t.test('EDGE-4 refusals say what is wrong and never hold the secret', async (t) => {
  const cases: readonly (readonly [string, string])[] = [
    [await sign({ iss: 'nobody' }), '401 the access token names the unknown API key "nobody"'],
    [await sign({ iss: '__proto__' }), '401 the access token names the unknown API key "__proto__"'],
    [await sign({ iss: 'x'.repeat(5000) }), '…'],
    [await sign({ sub: '' }), '401 the access token is not as expected at sub: not empty'],
    [await sign({ sub: 'é'.repeat(129) }), 'sub: at most 256 bytes'],
    [await sign({ sub: 'a\u0007b' }), 'without control characters'],
    [await sign({ sub: 'a\ud800' }), 'sub: at most 256 bytes'],
    [await sign({ video: { room: 'r'.repeat(257) } }), 'video.room'],
    [await sign({ video: { roomJoin: 'yes' } }), 'video.roomJoin: expected true or false, found "yes"'],
    [
      await sign({ sub: 5 as unknown as string }),
      '401 the access token is not as expected at sub: expected text, found 5',
    ],
    [await sign({ kind: 'agnet' }), 'kind: expected standard or agent, found "agnet" (did you mean "agent"?)'],
    [await sign({ kind: 'k'.repeat(5000) }), '…'],
    [await sign({ sluice: { classes: 'all' } }), 'sluice.classes'],
    [await sign({ sluice: { tenant: 'globex' } }), '403 the access token names tenant "globex", which API key "one"'],
    ['', '401 the access token is not a signed JWT'],
    ['a.b.c', '401 the access token is not a signed JWT'],
    ['x'.repeat(20_000), '401 the access token is longer than 16384 characters'],
  ];
  for (const [jwt, expected] of cases) {
    const said = await outcome(jwt);
    t.match(said, expected);
    t.notMatch(said, SECRET);
    t.ok(said.length < 300, 'and stays short');
  }
});

t.test('EDGE-5 a key with several tenants needs the token to name one of them', async (t) => {
  t.match(await outcome(await sign({ iss: 'two' })), '403 the access token must name its tenant in sluice.tenant');
  t.equal(await outcome(await sign({ iss: 'two', sluice: { tenant: 'globex' } })), 'ok globex ann');
  t.match(await outcome(await sign({ iss: 'two', sluice: { tenant: 'initech' } })), '403');
});

t.test('EDGE-4 what createAccessToken creates is taken, for as long as it says', async (t) => {
  const jwt = await createAccessToken({
    apiKey: 'two',
    secret: SECRET,
    identity: 'bot',
    kind: 'agent',
    room: 'r',
    tenant: 'globex',
    ttlSeconds: 60,
    grants: { canPublish: false },
  });
  t.match(await verifyAccessToken(ring, jwt), {
    identity: 'bot',
    kind: 'agent',
    room: 'r',
    canPublish: false,
    canSubscribe: true,
  });
  t.match(await verifyAccessToken(ring, jwt, Date.now() + 90_000), { status: 401, message: /expired/ });
  await t.rejects(createAccessToken({ apiKey: 'two', secret: SECRET, identity: '' }), { message: /identity/ });
});
