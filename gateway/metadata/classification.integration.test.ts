/** That rules decide on frames whichever way they come, that access tokens keep to their classes, and what hops carry. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { encodeBinaryFrame } from '../../schemas/frame-codec.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { batchOf, custom, presence } from './fixtures/frames.ts';
import { accessTokenOf } from './fixtures/metadata-client.ts';
import { type MetadataUnderTest, metadataUnderTest, until } from './fixtures/metadata-under-test.ts';

const SMALL = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');
const RULES = `rules:
  - {when: {kind: custom, type: "alert.*"}, class: premium}
  - {when: {principal: node, kind: presence}, class: deferred}
  - {when: {kind: custom, label: bulk}, class: deferred}
`;
const POLICY = SMALL.replace(/rules:\n( {2}- .*\n)+/, RULES);
const RIGHTS = { canPublish: true, canSubscribe: true, canPublishData: true };
const ANN = {
  session: 'one',
  tenant: 'acme',
  room: 'room',
  identity: 'ann',
  rights: RIGHTS,
  resumeToken: 't',
  mixed: true,
};

const bulk: Frame = { kind: Kind.custom, custom: { type: 'x', label: 'bulk', payload: Buffer.from('x') } };
const offered = (gateway: MetadataUnderTest, name: string) => {
  const { classes, offered } = gateway.snapshot();
  return offered[classes.indexOf(name)]!;
};
const inRoom = (frame: Frame): Frame => ({ ...frame, tenant: 'acme', room: 'room', from: 'ann' });

for (const json of [false, true]) {
  t.test(
    `META-60 a frame is charged, counted and delivered in the class the rules give it (${json ? 'JSON' : 'binary'})`,
    async (t) => {
      const gateway = await metadataUnderTest(t, { policy: POLICY });
      const reader = await gateway.open({ identity: 'reader', json });
      const ann = await gateway.open({ identity: 'ann', json });
      const node = gateway.node({ nodeId: 'n', role: 1 });
      const control = gateway.control();
      control.send({ sessionUpdate: ANN });
      ann.send(custom('alert.fire'));
      ann.send(batchOf([custom('alert.flood'), bulk, custom('status')]));
      ann.send(presence('k', 'v'));
      node.publish([inRoom(custom('alert.node')), inRoom(presence('k', 'v'))]);
      control.publish([custom('alert.mixed')], 'one');
      await reader.count('custom', 6);
      await reader.count('presence', 2);
      const seen = reader.received.map(({ frame }) => `${frame.custom?.type ?? frame.from}:${frame.class}`).sort();
      t.same(seen, [
        'alert.fire:premium',
        'alert.flood:premium',
        'alert.mixed:premium',
        'alert.node:premium',
        'ann:deferred',
        'ann:standard',
        'status:standard',
        'x:deferred',
      ]);
      t.equal(offered(gateway, 'premium'), 4);
      t.equal(offered(gateway, 'deferred'), 2);
      gateway.conserved();
    },
  );

  t.test(
    `POLICY-19 a frame of a class the access token does not name is refused (${json ? 'JSON' : 'binary'})`,
    async (t) => {
      const gateway = await metadataUnderTest(t, { policy: POLICY });
      const reader = await gateway.open({ identity: 'reader', json });
      const ann = await gateway.open({ identity: 'ann', json, classes: ['premium', 'captions'] });
      ann.send(presence('k', 'v'));
      t.match(await ann.seen('error'), {
        error: {
          code: 403,
          reason: 'forbidden',
          message: /presence is of class standard.* allows premium, captions only \(sluice\.classes\)/,
        },
      });
      ann.send(custom('alert.fire'));
      await reader.count('custom', 1);
      t.equal(gateway.outcome('standard', 'unauthorised'), 1);
      ann.send({ kind: Kind.accessToken, accessToken: { id: 1, jwt: await accessTokenOf({ identity: 'ann' }) } });
      await ann.seen('ok');
      ann.send(presence('k', 'v'));
      await reader.count('presence', 1);
      t.equal(gateway.outcome('standard', 'unauthorised'), 1, 'the renewed access token names none');
      gateway.conserved();
    },
  );
}

t.test('POLICY-19 a mixed session keeps to the classes the control plane tells of', async (t) => {
  const gateway = await metadataUnderTest(t, { policy: POLICY });
  const reader = await gateway.open({ identity: 'reader' });
  const control = gateway.control();
  control.send({ sessionUpdate: { ...ANN, bound: true, classes: ['premium'] } });
  control.publish([presence('k', 'v'), custom('alert.fire')], 'one');
  await reader.count('custom', 1);
  t.equal(gateway.outcome('standard', 'unauthorised'), 1);
  control.send({ sessionUpdate: { ...ANN } });
  control.publish([presence('k', 'v')], 'one');
  await reader.count('presence', 1);
  gateway.conserved();
});

t.test(
  'META-61 a class given by another process of this gateway is taken over, from it alone and of one policy',
  async (t) => {
    const gateway = await metadataUnderTest(t, { policy: POLICY });
    const reader = await gateway.open({ identity: 'reader' });
    const control = gateway.control();
    control.send({ sessionUpdate: ANN });
    const said = (type: string, policyVersion: number, name: string) => ({
      batch: {
        frames: [encodeBinaryFrame(custom(type)), encodeBinaryFrame(custom(`${type}.2`))],
        session: 'one',
        policyVersion,
        classNames: [name, 'standard'],
        classes: [0, 1],
      },
    });
    control.send(said('same', 1, 'deferred'));
    control.send(said('other', 2, 'deferred'));
    control.send(said('unknown', 1, 'nonsense'));
    control.send(said('signalling', 1, 'call-setup'));
    const node = gateway.node({ nodeId: 'n', role: 1 });
    const frames = [encodeBinaryFrame(inRoom(custom('node')))];
    node.send({ batch: { frames, policyVersion: 1, classNames: ['premium'], classes: [0] } });
    await reader.count('custom', 9);
    const classOf = (type: string) => reader.received.find(({ frame }) => frame.custom?.type === type)?.frame.class;
    t.equal(classOf('same'), 'deferred', 'as said');
    t.equal(classOf('same.2'), 'standard');
    for (const type of ['other', 'unknown', 'signalling', 'node'])
      t.equal(classOf(type), 'standard', `classified anew: ${type}`);
    gateway.conserved();
  },
);

t.test('META-61 a worker that passes a node’s frame on says its class', async (t) => {
  const gateway = await metadataUnderTest(t, { policy: POLICY, metadataWorkers: 2 });
  const places = await Promise.all(
    [0, 1].map((worker) => gateway.open({ identity: 'r', room: 'elsewhere' }, worker).catch(() => null)),
  );
  const right = places.findIndex((client) => client !== null);
  const node = gateway.node({ nodeId: 'n', role: 1 }, '', 1 - right);
  const frame = { ...custom('alert.far'), tenant: 'acme', room: 'elsewhere', from: 'ann' };
  const arrived = () => places[right]!.received.map(({ frame }) => frame);
  await until(() => {
    node.publish([frame]);
    return arrived().length > 0;
  }, 'the workers to know each other');
  t.match(arrived()[0], { class: 'premium', node: 'n', custom: { type: 'alert.far' } });
  for (const plane of gateway.planes) t.equal(plane.snapshot().policyVersion, 1);
  gateway.conserved();
});
