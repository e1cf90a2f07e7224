/** That promises of classes and tiers are told beside what a running gateway did. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { createClient, type SluiceClient } from '../client/sluice-client.ts';
import type { SloRow } from '../operator/slo-report.ts';
import type { SloAnswer } from '../operator/slo-routes.ts';
import { BareGateway } from './fixtures/bare-gateway.ts';
import { eventually, sluice } from './fixtures/demo-gateway.ts';

t.setTimeout(180_000);

const SMALL = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');
const FRAMES = 30;
const CALLS = 20;

/** The small policy in which calls, custom frames and the tenant's tier are promised a p50. */
function promising(version: number, p50Ms: number): string {
  return SMALL.replace('version: 1', `version: ${version}`)
    .replace('sloMs: {p999: 25}', `sloMs: {p50: ${p50Ms}}`)
    .replace('retrieval, custom]', `retrieval, custom], sloMs: {p50: ${p50Ms}}`)
    .replace('{weightFactor: 4}', `{weightFactor: 4, tenants: [demo], sloMs: {p50: ${p50Ms}}}`);
}

async function gatewayWith(t: Test, text: string): Promise<BareGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-slo-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, text);
  process.env.SLUICE_POLICY = file;
  // What is put in force is kept: not for the next test.
  process.env.SLUICE_STATE_FOLDER = join(folder, 'state');
  return await BareGateway.start(t);
}

interface Guest {
  readonly client: SluiceClient;
  /** Whether metadata has a socket of its own: what is said before that is not his. */
  separate: boolean;
}

async function enter(gateway: BareGateway, identity: string): Promise<Guest> {
  const accessToken = await gateway.accessToken(identity);
  const client = createClient({ signalUrl: gateway.signalUrl, accessToken, room: 'hall' });
  const guest: Guest = { client, separate: false };
  client.on('metadataState', ({ state }) => {
    guest.separate = state === 'separate';
  });
  await client.connect();
  return guest;
}

/** Frames from one participant to another, and calls that are entered and left. */
async function traffic(t: Test, gateway: BareGateway): Promise<void> {
  const [speaker, listener] = [await enter(gateway, 'speaker'), await enter(gateway, 'listener')];
  t.teardown(async () => {
    speaker.client.close();
    listener.client.close();
  });
  let received = 0;
  listener.client.on('metadata', ({ custom }) => {
    if (custom?.type === 'note') received++;
  });
  await eventually(() => speaker.separate && listener.separate, 'metadata sockets');
  for (let frame = 0; frame < FRAMES; frame++) speaker.client.publish({ kind: Kind.custom, custom: { type: 'note' } });
  await eventually(() => received >= FRAMES, 'the frames');
  for (let call = 0; call < CALLS; call++) await (await enter(gateway, `guest-${call}`)).client.leave();
}

async function sloOf(gateway: BareGateway): Promise<SloAnswer> {
  return (await (await fetch(`${gateway.operatorUrl}/v1/slo`)).json()) as SloAnswer;
}

const promised = ({ rows }: SloAnswer): SloRow[] => rows.filter(({ promise }) => promise.p50 !== undefined);

t.test('OPS-33 promises of minutes are kept, and of a thousandth of a millisecond are not', async (t) => {
  const gateway = await gatewayWith(t, promising(1, 300_000));
  const table = (...args: string[]) => sluice('policy', 'slo', '--operator', gateway.operatorUrl, ...args);
  const before = await sloOf(gateway);
  t.equal(promised(before).length, 4, 'two classes, and the tier in either plane');
  t.match(before, { policyVersion: 1, overMs: 60_000 });
  for (const { measured, met } of promised(before)) t.match({ measured, met }, { measured: { count: 0 }, met: null });
  t.match(await table('--check'), { code: 0, stdout: /class +call-setup +control +0 +– \/ 300000 .*cannot say\n/ });

  await traffic(t, gateway);
  await eventually(
    async () => promised(await sloOf(gateway)).every(({ met }) => met === true),
    'every promise is kept',
  );
  for (const { scope, plane, measured } of promised(await sloOf(gateway))) {
    t.ok(measured.count >= (plane === 'control' ? CALLS : FRAMES), `${measured.count} samples of the ${scope}`);
    t.ok(measured.p50! > 0 && measured.p50! <= measured.p99! && measured.p99! <= measured.p999!, 'in order');
  }
  const { rows } = await sloOf(gateway);
  const others = rows.filter(({ scope, name }) => scope === 'tier' && name === 'standard');
  t.match(others, [{ measured: { count: 0 } }, { measured: { count: 0 } }], 'the tenant is in the other tier');
  const metrics = await (await fetch(`${gateway.operatorUrl}/metrics`)).text();
  for (const plane of ['control', 'metadata']) {
    t.match(metrics, new RegExp(`^sluice_tier_seconds_count\\{plane="${plane}",tier="gold"\\} [1-9]`, 'm'));
  }
  t.match(await table('--check'), {
    code: 0,
    stderr: '',
    stdout: /tier +gold +metadata +\d+ +[\d.]+ \/ 300000 .* yes\n/,
  });

  const reply = await fetch(`${gateway.operatorUrl}/v1/policy`, {
    method: 'PUT',
    headers: { 'if-match': '*', 'content-type': 'application/yaml' },
    body: promising(2, 0.001),
  });
  t.equal(reply.status, 200);
  const after = await sloOf(gateway);
  t.equal(after.policyVersion, 2);
  t.strictSame(
    promised(after).map(({ met }) => met),
    [false, false, false, false],
  );
  await t.test('OPS-43 sluice policy slo prints it, and with --check ends with 1', async (t) => {
    t.match(await table(), { code: 0, stderr: '', stdout: /tier +gold +control +\d+ +[\d.]+ \/ 0\.001 .* NO\n/ });
    t.match(await table('--check'), {
      code: 1,
      stderr:
        'sluice: not kept: class call-setup (control), class standard (metadata), tier gold (control), tier gold (metadata)\n',
    });
  });
});
