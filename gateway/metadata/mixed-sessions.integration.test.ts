/** Sessions on the control plane’s mixed sockets, as the metadata worker of their room sees them. */
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { deliveredTo } from './fixtures/delivered.ts';
import { interim, moderation, presence } from './fixtures/frames.ts';
import { LASTING_POLICY } from './fixtures/lasting-policy.ts';
import { metadataUnderTest, until } from './fixtures/metadata-under-test.ts';

const RIGHTS = { canPublish: true, canSubscribe: true, canPublishData: true };

for (const json of [false, true]) {
  t.test(
    `META-47 a mixed session publishes and receives through the control plane (${json ? 'JSON' : 'binary'})`,
    async (t) => {
      const gateway = await metadataUnderTest(t, { policy: LASTING_POLICY, limits: { unackedBytes: 2000 } });
      const agent = await gateway.open({ identity: 'agent', agent: true });
      const control = gateway.control();
      const update = {
        session: 'one',
        tenant: 'acme',
        room: 'room',
        identity: 'ann',
        rights: RIGHTS,
        resumeToken: 't',
      };
      agent.send(presence('before', 'v'));
      await agent.count('presence', 1);
      control.send({ sessionUpdate: { ...update, mixed: true, json } });
      const batches = () => deliveredTo(control, 'one', json).filter(({ kind }) => kind === Kind.batch);
      const frames = () => batches().flatMap(({ batch }) => batch?.frames ?? []);
      await until(() => frames().length === 1, 'what is live');
      control.publish([presence('mine', 'v'), interim('s', 1, 1, 'not allowed')], 'one');
      t.match((await agent.count('presence', 2))[1], { from: 'ann', presence: { key: 'mine' } });
      await until(
        () => deliveredTo(control, 'one', json).some(({ error }) => error?.reason === 'forbidden'),
        'the refusal',
      );

      control.send({ ack: { session: 'one', upTo: batches().at(-1)?.batch?.number ?? 0 } });
      for (let index = 0; index < 10; index++) {
        agent.send(moderation(`${index}`.padEnd(1000, '.')));
        await agent.count('moderation', index + 1);
      }
      const moderations = () => frames().filter(({ kind }) => kind === Kind.moderation);
      await new Promise((resolve) => setTimeout(resolve, 300));
      t.ok(moderations().length < 10, `${moderations().length} of 10 before an acknowledgement`);
      await until(() => {
        control.send({ ack: { session: 'one', upTo: batches().at(-1)?.batch?.number ?? 0 } });
        return moderations().length === 10;
      }, 'all of them');

      control.send({ sessionUpdate: { ...update, mixed: true, json, rights: { ...RIGHTS, canPublishData: false } } });
      control.publish([presence('mine', 'not any more')], 'one');
      await until(() => gateway.outcome('standard', 'unauthorised') === 1, 'the right to be gone');
      control.send({ sessionUpdate: { session: 'one', ended: true } });
      agent.send(moderation('after'));
      await agent.count('moderation', 11);
      t.equal(moderations().length, 10, 'nothing after its end');
      gateway.conserved();
    },
  );
}

t.test('META-48 mixed sessions outlive the end of a stream that did not tell of them', async (t) => {
  const gateway = await metadataUnderTest(t);
  const agent = await gateway.open({ identity: 'agent', agent: true });
  const control = gateway.control();
  const other = gateway.control();
  const sessionUpdate = { session: 'one', tenant: 'acme', room: 'room', identity: 'ann', rights: RIGHTS, mixed: true };
  control.send({ sessionUpdate });
  control.publish([presence('one', 'v')], 'one');
  await agent.count('presence', 1);
  other.stop();
  await until(() => gateway.snapshot().sessions.node === 1, 'the other stream to be gone');
  control.publish([presence('two', 'v')], 'one');
  await agent.count('presence', 2);
  // A new stream of the control plane, while the worker has not noticed the end of the old one.
  const again = gateway.control();
  again.send({ sessionUpdate });
  again.publish([presence('three', 'v')], 'one');
  await agent.count('presence', 3);
  control.stop();
  await until(() => gateway.snapshot().sessions.node === 1, 'the old stream to be gone');
  agent.send(moderation('m'));
  const moderated = () =>
    deliveredTo(again, 'one', false).some(({ batch }) => batch?.frames?.some(({ kind }) => kind === Kind.moderation));
  await until(moderated, 'the mixed session to receive');
  gateway.conserved();
});
