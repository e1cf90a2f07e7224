/** Who shares which budget on a metadata worker, with real sockets: users, rooms, tenants and the gateway. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { LeaseBook } from '../../classes/lease-book.ts';
import { Kind } from '../../schemas/kinds.ts';
import { roomWorker } from '../fabric/room-worker.ts';
import { final, interim, presence } from './fixtures/frames.ts';
import { type MetadataUnderTest, metadataUnderTest, until } from './fixtures/metadata-under-test.ts';

const SMALL = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');

/** The policy of the tests with these limits of the class standard, and for captions those of `captions`. */
function policyWith(limits: string, captions = ''): string {
  const text = SMALL.replace(', retrieval, custom]}', `, retrieval, custom], limits: {${limits}}}`);
  return text.replace(
    'finals: {session: {rate: 5, burst: 20}}}',
    `finals: {session: {rate: 5, burst: 20}}${captions}}`,
  );
}

/** Sends `count` frames of the class standard from everybody in turn, and waits until each has been decided. */
async function flood(gateway: MetadataUnderTest, senders: readonly { send(frame: object): void }[], count: number) {
  for (let frame = 0; frame < count; frame++) for (const sender of senders) sender.send(presence('k', 'v'));
  const { classes } = gateway.snapshot();
  const offered = () => gateway.snapshot().offered[classes.indexOf('standard')]!;
  await until(() => offered() === count * senders.length, 'all of them');
}

const admitted = (gateway: MetadataUnderTest) => {
  const { admitted, classes } = gateway.snapshot();
  return admitted[classes.indexOf('standard')]!;
};

t.test('ADMIT-3 ten sessions of one user have one user’s budget', async (t) => {
  const gateway = await metadataUnderTest(t, {
    policy: policyWith('session: {rate: 0.1, burst: 30}, user: {rate: 0.1, burst: 40}'),
  });
  const sessions = [];
  for (let index = 0; index < 10; index++)
    sessions.push(await gateway.open({ identity: 'ann', room: `room ${index % 2}` }));
  await flood(gateway, sessions, 20);
  t.equal(admitted(gateway), 40, 'not ten times 20');
  t.equal(gateway.outcome('standard', 'rejected_user'), 160);
  const { throttled } = await sessions[9]!.seen('throttled');
  t.match(throttled, { class: 'standard' });
  t.ok((throttled?.retryAfterMs ?? 0) > 5000, `${throttled?.retryAfterMs} ms: one frame takes the user ten seconds`);
  const bob = await gateway.open({ identity: 'bob', room: 'room 0' });
  bob.send(presence('k', 'v'));
  await until(() => admitted(gateway) === 41, 'another user');
  gateway.conserved();
});

t.test('ADMIT-4 a user who comes back finds his budget as he left it', async (t) => {
  const gateway = await metadataUnderTest(t, {
    policy: policyWith('session: {rate: 0.1, burst: 10}, user: {rate: 0.1, burst: 10}'),
  });
  const ann = await gateway.open({ identity: 'ann' });
  await flood(gateway, [ann], 10);
  t.equal(admitted(gateway), 10);
  ann.drop();
  await until(() => gateway.snapshot().sessions.standard === 0, 'she is gone');
  const again = await gateway.open({ identity: 'ann' });
  again.send(presence('k', 'v'));
  await until(() => gateway.outcome('standard', 'rejected_user') === 1, 'no fresh bucket');
  t.equal(admitted(gateway), 10);
  gateway.conserved();
});

t.test('ADMIT-2 two rooms of one tenant share the tenant’s budget, each with a room’s of its own', async (t) => {
  const limits =
    'session: {rate: 0.1, burst: 30}, room: {rate: 0.1, burst: 30}, tenant: {rate: 0.1, burst: 50}, gateway: {rate: 0.1, burst: 55}';
  const gateway = await metadataUnderTest(t, { policy: policyWith(limits) });
  const [ann, bob] = [
    await gateway.open({ identity: 'ann', room: 'one' }),
    await gateway.open({ identity: 'bob', room: 'one' }),
  ];
  await flood(gateway, [ann, bob], 20);
  t.equal(admitted(gateway), 30, 'a room’s');
  t.equal(gateway.outcome('standard', 'rejected_room'), 10);
  const cat = await gateway.open({ identity: 'cat', room: 'two' });
  for (let frame = 0; frame < 25; frame++) cat.send(presence('k', 'v'));
  await until(() => gateway.outcome('standard', 'rejected_tenant') === 5, 'the tenant’s: 20 are left of 50');
  t.equal(admitted(gateway), 50);
  const dan = await gateway.open({ identity: 'dan', room: 'one', tenant: 'other' });
  for (let frame = 0; frame < 8; frame++) dan.send(presence('k', 'v'));
  await until(() => gateway.outcome('standard', 'rejected_gateway') === 3, 'the gateway’s: 5 are left of 55');
  t.equal(admitted(gateway), 55);
  gateway.conserved();
});

t.test('ADMIT-7 finals come through while the interims of others have used the tenant’s budget up', async (t) => {
  const captions = ', tenant: {rate: 31, burst: 60}';
  const gateway = await metadataUnderTest(t, { policy: policyWith('', captions) });
  const [ann, rude, polite] = [
    await gateway.open({ identity: 'ann' }),
    await gateway.open({ identity: 'rude', agent: true }),
    await gateway.open({ identity: 'polite', agent: true }),
  ];
  for (let revision = 0; revision < 200; revision++) rude.send(interim('s', 1, revision, 'a'));
  const refused = () =>
    gateway.outcome('captions', 'rejected_session') + gateway.outcome('captions', 'rejected_tenant');
  await until(() => refused() > 100, 'the interims of one');
  for (let segment = 1; segment <= 10; segment++) polite.send(final('t', segment, `${segment}`, {}, segment));
  const finals = await ann.until(() => ann.of('caption').filter((frame) => frame.final).length === 10);
  t.equal(finals, undefined);
  t.equal(polite.frames.filter(({ kind }) => kind === Kind.throttled).length, 0);
  gateway.conserved();
});

t.test(
  'ADMIT-9 what a node says is charged to the room and the tenant it says it in, and it is told what was refused',
  async (t) => {
    const limits = 'session: {rate: 0.1, burst: 30}, room: {rate: 0.1, burst: 30}';
    const gateway = await metadataUnderTest(t, { policy: policyWith(limits) });
    const node = gateway.node({ nodeId: 'node-1', role: 1 });
    await until(() => node.downs.some(({ credit }) => credit), 'credit');
    const said = (room: string, index: number) => ({
      ...presence('k', 'v'),
      tenant: 'acme',
      room,
      from: `speaker ${index}`,
    });
    for (let batch = 0; batch < 2; batch++) {
      node.publish(Array.from({ length: 25 }, (_, index) => said('one', index)));
    }
    await until(() => gateway.outcome('standard', 'rejected_room') === 20, '30 of 50 in a room');
    node.publish(Array.from({ length: 25 }, (_, index) => said('two', index)));
    await until(() => admitted(gateway) === 55, 'another room is not touched');
    await until(() => node.downs.some(({ throttled }) => throttled?.class === 'standard'), 'it is told');
    gateway.conserved();
  },
);

t.test('ADMIT-12 two workers have one tenant’s budget together', async (t) => {
  const book = new LeaseBook(2);
  const gateway = await metadataUnderTest(t, {
    metadataWorkers: 2,
    leaseShare: book.initialShare(true),
    policy: policyWith('session: {rate: 0.1, burst: 100}, tenant: {rate: 0.1, burst: 100}'),
  });
  const roomAt = (worker: number) =>
    Array.from({ length: 50 }, (_, index) => `room ${index}`).find((name) => roomWorker('acme', name, 2) === worker)!;
  const decided = (worker: number) => {
    const { classes, offered, admitted } = gateway.planes[worker]!.snapshot();
    const index = classes.indexOf('standard');
    return [offered[index]!, admitted[index]!];
  };
  const clients = [];
  for (const worker of [0, 1]) {
    clients.push(await gateway.open({ identity: `user ${worker}`, room: roomAt(worker) }, worker));
    for (let frame = 0; frame < 80; frame++) clients[worker]!.send(presence('k', 'v'));
    await until(() => decided(worker)[0] === 80, 'all of them');
    t.equal(decided(worker)[1], 50, `half of the burst at worker ${worker}`);
  }
  gateway.planes.forEach(({ leases }, worker) => {
    const demand = leases!.demand();
    t.match(demand.tenants, [['acme', Array]], 'what it wanted');
    book.report(worker, worker === 0 ? demand : { ...demand, tenants: [] });
  });
  for (let round = 0; round < 3; round++) {
    book.round().forEach((shares, worker) => {
      gateway.planes[worker]!.leases!.take(shares!);
      book.report(worker, {
        ...gateway.planes[worker]!.leases!.demand(),
        tenants: worker === 0 ? [['acme', [9, 9, 9, 9, 9, 9]]] : [],
      });
    });
  }
  for (let frame = 0; frame < 20; frame++) clients[0]!.send(presence('k', 'v'));
  await until(() => decided(0)[0] === 100, 'more of them');
  t.equal(decided(0)[1], 50, 'a greater share holds nothing that was not there');
  gateway.conserved();
});

t.test('ADMIT-3 what a user publishes on the signalling socket is of the same budget', async (t) => {
  const gateway = await metadataUnderTest(t, {
    policy: policyWith('session: {rate: 0.1, burst: 40}, user: {rate: 0.1, burst: 40}'),
  });
  const ann = await gateway.open({ identity: 'ann', room: 'one' });
  await flood(gateway, [ann], 30);
  const control = gateway.control();
  const rights = { canPublish: true, canSubscribe: true, canPublishData: true };
  const mixed = { tenant: 'acme', room: 'two', resumeToken: 't', mixed: true, rights };
  control.send({ sessionUpdate: { ...mixed, session: 'hers', identity: 'ann' } });
  control.send({ sessionUpdate: { ...mixed, session: 'his', identity: 'bob' } });
  for (const session of ['hers', 'his']) {
    control.publish(
      Array.from({ length: 20 }, () => presence('k', 'v')),
      session,
    );
  }
  await until(() => gateway.outcome('standard', 'rejected_user') === 10, 'ten were left of forty');
  await until(() => admitted(gateway) === 60, 'another user has his own');
  gateway.conserved();
});
