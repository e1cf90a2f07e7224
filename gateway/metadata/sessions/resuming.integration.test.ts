/** Metadata sockets that attach to signalling sessions, break and come back. */
import t from 'tap';
import { Kind } from '../../../schemas/kinds.ts';
import { final, presence } from '../fixtures/frames.ts';
import { LASTING_POLICY } from '../fixtures/lasting-policy.ts';
import type { MetadataClient } from '../fixtures/metadata-client.ts';
import { type MetadataUnderTest, metadataUnderTest, sleep, until } from '../fixtures/metadata-under-test.ts';

const TICK_MS = 100;

/** Says, as the control plane does, that a signalling session exists. */
function tellSession(gateway: MetadataUnderTest, session: string, identity: string, more: object = {}) {
  const control = gateway.control();
  const rights = { canPublish: true, canSubscribe: true, canPublishData: true };
  const update = { session, tenant: 'acme', room: 'room', identity, rights, resumeToken: `token of ${session}` };
  control.send({ sessionUpdate: { ...update, ...more } });
  return control;
}

function attach(client: MetadataClient, session: string, lastNumber = 0, resumeToken = `token of ${session}`): void {
  client.send({ kind: Kind.attach, attach: { session, resumeToken, lastNumber } });
}

/** Finals in the order in which they came, as `stream segment`. */
function finalsOf(client: MetadataClient): string[] {
  const finals = client.of('caption').filter((frame) => frame.final);
  return finals.map(({ caption }) => `${caption?.stream} ${caption?.segment}`);
}

t.test('META-26 who attaches with the right session and resume token is that session, others are not', async (t) => {
  const gateway = await metadataUnderTest(t);
  tellSession(gateway, 'one', 'ann');
  const errorOf = async (client: MetadataClient) => (await client.seen('error')).error?.reason;
  const wrongToken = await gateway.open({ identity: 'ann' });
  attach(wrongToken, 'one', 0, 'a guess');
  t.equal(await errorOf(wrongToken), 'wrong_session');
  const wrongIdentity = await gateway.open({ identity: 'bob' });
  attach(wrongIdentity, 'one');
  t.equal(await errorOf(wrongIdentity), 'wrong_session');
  const nobody = await gateway.open({ identity: 'ann' });
  attach(nobody, 'no such session');
  t.equal(await errorOf(nobody), 'unknown_session');
  const first = await gateway.open({ identity: 'ann' });
  attach(first, 'one');
  await first.settled();
  const second = await gateway.open({ identity: 'ann' });
  attach(second, 'one');
  t.equal((await first.closed).code, 4005, 'a newer socket of the session takes the place of the older');
  second.send(presence('still', 'here'));
  await second.count('presence', 1);
  await wrongToken.count('presence', 1);
  t.pass('who was refused still receives the room');
  gateway.conserved();
});

t.test('META-26 an attach may come before the control plane has told of the session', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann', query: '?resume=1' });
  attach(ann, 'soon');
  await ann.settled();
  tellSession(gateway, 'soon', 'ann', { subscription: { kinds: [Kind.presence] } });
  ann.send(presence('k', 'v'));
  await ann.count('presence', 1);
  t.notOk(ann.frames.some(({ kind }) => kind === Kind.error));
  gateway.conserved();
});

t.test('META-27 after a broken socket, a session goes on behind the last batch it received', async (t) => {
  const gateway = await metadataUnderTest(t);
  tellSession(gateway, 'one', 'ann');
  const agent = await gateway.open({ identity: 'agent', agent: true });
  let ann = await gateway.open({ identity: 'ann' });
  attach(ann, 'one');
  await ann.settled();
  const finals: string[] = [];
  let segment = 0;
  for (const acks of [true, false, true]) {
    ann.acks = acks;
    for (let index = 0; index < 3; index++) agent.send(final('s', ++segment, 'heard'));
    await ann.until(() => finals.length + finalsOf(ann).length === segment);
    await ann.settled();
    // What comes now is sent to the socket, but nobody reads it any more.
    ann.socket.pause();
    const { lastNumber } = ann;
    for (let index = 0; index < 3; index++) {
      agent.send(final('s', ++segment, 'on its way'));
      await agent.until(() => finalsOf(agent).length === segment);
    }
    finals.push(...finalsOf(ann));
    ann.drop();
    await until(() => gateway.snapshot().sessions.standard === 0, 'the socket to be gone');
    agent.send(final('s', ++segment, 'while away'));
    await agent.until(() => finalsOf(agent).length === segment);
    ann = await gateway.open({ identity: 'ann', query: '?resume=1', json: acks });
    await sleep(2 * TICK_MS);
    t.same(ann.received, [], 'nothing before it has attached');
    attach(ann, 'one', lastNumber);
    await ann.until(() => finals.length + finalsOf(ann).length === segment);
  }
  await ann.settled();
  finals.push(...finalsOf(ann));
  t.same(finals, finalsOf(agent), 'every final once and in order');
  await until(() => gateway.snapshot().queued.every((count) => count === 0), 'nothing to wait');
  gateway.conserved();
});

t.test('META-27 who said it would attach and does not is given the room as it is', async (t) => {
  const gateway = await metadataUnderTest(t, { policy: LASTING_POLICY });
  const agent = await gateway.open({ identity: 'agent', agent: true });
  agent.send(presence('k', 'v'));
  await agent.count('presence', 1);
  const ann = await gateway.open({ identity: 'ann', query: '?resume=1' });
  await ann.count('presence', 1);
  t.pass('after a while');
  gateway.conserved();
});
