import { readFileSync } from 'node:fs';
import t from 'tap';
import { encodeBinaryFrame, encodeFrame } from '../../schemas/frame-codec.ts';
import { Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { Frame } from '../../schemas/proto.ts';
import { startFakeWorker } from '../nodes/fixtures/fake-worker.ts';
import type { ControlPlane } from './control-plane.ts';
import { conserved, controlUnderTest, INTERNAL_TOKEN, until } from './fixtures/control-under-test.ts';

const SMALL = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');
const gauge = (key: string): Frame => ({ kind: Kind.gauge, gauge: { key, value: new Uint8Array([1]) } });
const batch = (...frames: Frame[]): Frame => ({ kind: Kind.batch, batch: { frames } });

function outcomes(
  plane: ControlPlane,
  className: string,
): Record<'offered' | 'delivered' | 'rejected' | 'failed', number> {
  const snapshot = plane.snapshot();
  const row = snapshot.classes.indexOf(className);
  const of = (outcome: number): number => snapshot.outcomes[row]![outcome]!;
  return {
    offered: snapshot.offered[row]!,
    delivered: of(Outcome.delivered!),
    rejected: of(Outcome.rejected_session!) + of(Outcome.rejected_overload!),
    failed: of(Outcome.failed!),
  };
}

t.test('DELTA-2 the worker is told who joined with the capability captionDelta', async (t) => {
  const worker = await startFakeWorker();
  t.teardown(() => worker.stop());
  const { join } = await controlUnderTest(t, { nodeMetadataPort: worker.port });
  const toldOf = (identity: string) => worker.updates().find((update) => update.identity === identity);
  await join('ann', 'room', ['captionDelta']);
  await join('bob', 'room', ['mixed']);
  await until(() => toldOf('ann') !== undefined && toldOf('bob') !== undefined, 'both sessions to be told');
  t.match(toldOf('ann'), { captionDelta: true, mixed: false });
  t.match(toldOf('bob'), { captionDelta: false, mixed: true });
});

for (const json of [false, true]) {
  t.test(`CTRL-22 metadata on a mixed socket goes to the room's worker (${json ? 'JSON' : 'protobuf'})`, async (t) => {
    const worker = await startFakeWorker();
    t.teardown(() => worker.stop());
    const { plane, join } = await controlUnderTest(t, { nodeMetadataPort: worker.port });
    const ann = await join('ann', 'room', ['mixed'], json);
    const { session, resumeToken } = ann.of('joined')[0]!.joined!;
    await until(() => worker.updates().length > 0, 'the session to be told');
    t.same(worker.bearers, [`Bearer ${INTERNAL_TOKEN}`]);
    t.match(worker.ups[0]?.hello, { role: 2 });
    t.match(worker.updates().at(-1), {
      session,
      tenant: 'acme',
      room: 'room',
      identity: 'ann',
      mixed: true,
      json,
      resumeToken,
    });
    ann.send(gauge('one'));
    ann.send(batch(gauge('two'), gauge('three')));
    await until(() => worker.frames().length === 3, 'three frames');
    t.same(
      worker.frames().map((frame) => frame.gauge?.key),
      ['one', 'two', 'three'],
    );
    t.ok(worker.ups.every(({ batch }) => !batch || batch.session === session));
    t.match(outcomes(plane, 'standard'), { offered: 3, delivered: 3 });

    const payload = encodeFrame({ kind: Kind.batch, batch: { number: 1, frames: [gauge('back')] } }, json);
    const message = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    worker.send({ deliver: { session: session!, message } });
    t.match(await ann.when('batch'), { batch: { frames: [{ gauge: { key: 'back' } }] } });
    ann.send({ kind: Kind.ack, ack: { upTo: 1 } });
    await until(() => worker.ups.some(({ ack }) => ack?.session === session && ack?.upTo === 1), 'the ack');
    worker.send({ deliver: { session: session!, close: true, code: 4003 } });
    t.equal((await ann.closed).code, 4003);
    await until(() => worker.updates().some(({ ended }) => ended), 'the end to be told');
    await conserved(t, plane);
  });
}

t.test('CTRL-23 a worker knows every session of its rooms, again after it came back', async (t) => {
  const worker = await startFakeWorker();
  const { plane, open, join } = await controlUnderTest(t, { nodeMetadataPort: worker.port });
  const ann = await join('ann');
  t.match(await ann.ask({ kind: Kind.subscribe, subscribe: { kinds: [Kind.caption], langs: ['de'] } }), { ok: {} });
  await until(() => worker.updates().length >= 2, 'the subscription');
  t.match(worker.updates().at(-1), {
    identity: 'ann',
    mixed: false,
    subscription: { kinds: [Kind.caption], langs: ['de'] },
  });
  t.match(await ann.ask({ kind: Kind.unsubscribe, unsubscribe: { kinds: [Kind.caption] } }), { ok: {} });
  await until(() => worker.updates().length >= 3, 'the subscription that wants nothing');
  t.same(worker.updates().at(-1)?.subscription?.kinds, [Kind.none], 'an empty list would mean everything');

  worker.stop();
  ann.send(gauge('while away'));
  await until(() => outcomes(plane, 'standard').offered === 1, 'the frame');
  t.match(
    await ann.ask({ kind: Kind.offer, offer: { connection: 'publish', sdp: 'x' } }),
    { answer: {} },
    'calls go on',
  );
  const { session } = (await open('ben')).frames[0]!.welcome!;
  const ben = await join('ben');
  t.not(ben.of('joined')[0]!.joined!.session, session);
  const back = await startFakeWorker(worker.port);
  t.teardown(() => back.stop());
  await until(() => back.updates().length === 2, 'both sessions to be told again');
  t.same(
    back
      .updates()
      .map(({ identity }) => identity)
      .sort(),
    ['ann', 'ben'],
  );
  await conserved(t, plane);
});

t.test('CTRL-24 while no worker is there, its metadata fails and nothing else does', async (t) => {
  const { plane, join } = await controlUnderTest(t);
  const ann = await join('ann', 'room', ['mixed']);
  ann.send(gauge('one'));
  ann.send(batch(gauge('two'), gauge('three')));
  t.match(await ann.ask({ kind: Kind.ping, ping: {} }), { pong: {} });
  t.match(outcomes(plane, 'standard'), { offered: 3, failed: 3 });
  await conserved(t, plane);
});

t.test('CTRL-25 metadata over the small allowance is refused, and said so now and then', async (t) => {
  const worker = await startFakeWorker();
  t.teardown(() => worker.stop());
  const { plane, join } = await controlUnderTest(t, { nodeMetadataPort: worker.port });
  const ann = await join('ann', 'room', ['mixed']);
  await until(() => worker.updates().length > 0, 'the session to be told');
  for (let index = 0; index < 3; index++)
    ann.send(batch(...Array.from({ length: 64 }, (_, at) => gauge(`${index}-${at}`))));
  t.match(await ann.ask({ kind: Kind.ping, ping: {} }), { pong: {} });
  const { offered, rejected, delivered } = outcomes(plane, 'standard');
  t.equal(offered, 192, 'a batch is charged frame by frame');
  t.ok(delivered >= 40 && delivered < 80, `${delivered} passed: the burst and little more`);
  t.equal(rejected + delivered, offered);
  const notices = ann.of('throttled');
  t.equal(notices.length, 1);
  t.match(notices[0]!.throttled, { class: 'standard', message: /\/v1\/metadata/ });
  t.ok(notices[0]!.throttled!.retryAfterMs! > 0);
  await conserved(t, plane);
});

t.test('CTRL-25 a metadata flood is cut, and its identity refused for a while', async (t) => {
  const { plane, open, join } = await controlUnderTest(t);
  const ann = await join('ann', 'room', ['mixed']);
  for (let index = 0; index < 10; index++) ann.send(batch(...Array.from({ length: 64 }, () => gauge('x'))));
  t.equal((await ann.closed).code, 1006);
  t.equal(plane.snapshot().disconnects[4129], 1);
  await t.rejects(open('ann'));
  await conserved(t, plane);
});

t.test('CTRL-26 agents publish elsewhere, and so does who lacks the right', async (t) => {
  const { plane, open } = await controlUnderTest(t);
  const agent = await open({ sub: 'bot', kind: 'agent' });
  await agent.ask({ kind: Kind.join, join: { room: 'room', capabilities: ['mixed'] } });
  agent.send(gauge('x'));
  const { code, reason } = await agent.closed;
  t.equal(code, 4003);
  t.match(reason, /\/v1\/metadata/);
  const mute = await open({ sub: 'ann', video: { canPublishData: false } });
  mute.send(gauge('x'));
  t.match(await mute.when('error'), { error: { code: 403, reason: 'no_right' } });
  const early = await open('ben');
  early.send(gauge('x'));
  t.match(await early.when('error'), { error: { code: 409, reason: 'not_joined' } });
  await conserved(t, plane);
});

t.test('CTRL-27 bad batches and metadata end the socket', async (t) => {
  const { plane, join } = await controlUnderTest(t);
  const gaugeBytes = encodeBinaryFrame(gauge('x'));
  const wrap = (inner: readonly Uint8Array[]): Uint8Array => {
    const body = Buffer.concat(inner.flatMap((bytes) => [Buffer.from([0x12, bytes.length]), bytes]));
    const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
    return Buffer.concat([Buffer.from([8, 34, 0x92, 3, ...length]), body]);
  };
  const bad: Record<string, { bytes: Uint8Array; code: number }> = {
    'a batch in a batch': { bytes: wrap([wrap([gaugeBytes])]), code: 4001 },
    'sixty-five frames': { bytes: wrap(Array.from({ length: 65 }, () => gaugeBytes)), code: 4001 },
    'a join in a batch': { bytes: wrap([Buffer.from([8, 1, 0x8a, 1, 0])]), code: 4001 },
    'an empty batch': { bytes: wrap([]), code: 4001 },
    'a frame cut off': { bytes: gaugeBytes.subarray(0, gaugeBytes.length - 1), code: 4001 },
    'a gauge that says caption': { bytes: Buffer.from([8, 64, ...gaugeBytes.subarray(2)]), code: 4004 },
  };
  for (const [name, { bytes, code }] of Object.entries(bad)) {
    const client = await join(`ann-${name}`);
    client.socket.send(bytes);
    t.equal((await client.closed).code, code, name);
  }
  const fine = await join('ann');
  fine.socket.send(wrap(Array.from({ length: 64 }, () => gaugeBytes)));
  t.match(await fine.ask({ kind: Kind.ping, ping: {} }), { pong: {} });
  await conserved(t, plane);
});

const RULES = 'rules: [{when: {kind: custom, type: "alert.*"}, class: premium}]\n';
const custom = (type: string): Frame => ({ kind: Kind.custom, custom: { type, payload: new Uint8Array([1]) } });

for (const json of [false, true]) {
  t.test(
    `META-61 what is forwarded says its class and the policy that gave it (${json ? 'JSON' : 'protobuf'})`,
    async (t) => {
      const worker = await startFakeWorker();
      t.teardown(() => worker.stop());
      const policy = SMALL.replace(/rules:\n( {2}- .*\n)+/, RULES);
      const { plane, join } = await controlUnderTest(t, { nodeMetadataPort: worker.port, policy });
      const ann = await join('ann', 'room', ['mixed'], json);
      await until(() => worker.updates().length > 0, 'the session to be told');
      ann.send(batch(custom('alert.fire'), gauge('one'), custom('alert.flood')));
      ann.send(custom('status'));
      await until(() => worker.frames().length === 4, 'four frames');
      const said = worker.ups.flatMap(({ batch: hop }) =>
        hop ? (hop.classes ?? []).map((place) => `${hop.policyVersion}:${hop.classNames?.[place]}`) : [],
      );
      t.same(said, ['1:premium', '1:standard', '1:premium', '1:standard']);
      t.match(outcomes(plane, 'premium'), { offered: 2, delivered: 2 });
      await conserved(t, plane);
    },
  );

  t.test(
    `CTRL-42 a frame of a class the access token does not name is refused (${json ? 'JSON' : 'protobuf'})`,
    async (t) => {
      const worker = await startFakeWorker();
      t.teardown(() => worker.stop());
      const policy = SMALL.replace(/rules:\n( {2}- .*\n)+/, RULES);
      const { plane, open } = await controlUnderTest(t, { nodeMetadataPort: worker.port, policy });
      const ann = await open({ sub: 'ann', sluice: { tenant: 'acme', classes: ['premium'] } }, json);
      t.match(await ann.ask({ kind: Kind.join, join: { room: 'room', capabilities: ['mixed'] } }), { joined: {} });
      await until(() => worker.updates().length > 0, 'the session to be told');
      t.match(worker.updates().at(-1), { bound: true, classes: ['premium'] });
      ann.send(batch(gauge('one'), custom('alert.fire')));
      await until(() => worker.frames().length === 1, 'the frame that is allowed');
      t.match(await ann.when('error'), {
        error: { code: 403, reason: 'no_right', message: /gauge is of class standard.*allows premium only/ },
      });
      const { classes, outcomes: all } = plane.snapshot();
      t.equal(all[classes.indexOf('standard')]![Outcome.unauthorised], 1);
      await conserved(t, plane);
    },
  );
}
