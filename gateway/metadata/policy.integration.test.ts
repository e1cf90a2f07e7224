/** That a metadata worker goes by the policy it is given. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { custom, presence } from './fixtures/frames.ts';
import { metadataUnderTest, until } from './fixtures/metadata-under-test.ts';

const SMALL = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');

t.test('POLICY-14 a metadata worker goes by the names, kinds and limits of the policy it is given', async (t) => {
  const policy = SMALL.replace('version: 1', 'version: 9')
    .replace('tenant: acme', 'tenant: nobody')
    .replace(', retrieval, custom]', ', retrieval]')
    .replace('rules:\n', 'rules:\n  - {when: {kind: gauge, principal: node}, class: premium}\n')
    .replace(
      'kinds:\n',
      '  side: {plane: metadata, weight: 1, match: [custom], limits: {session: {rate: 0.01, burst: 7}}}\nkinds:\n',
    );
  const gateway = await metadataUnderTest(t, { policy });
  const ann = await gateway.open({ identity: 'ann' });
  const welcome = ann.frames.find(({ kind }) => kind === Kind.welcome)?.welcome;
  t.match(welcome, { policyVersion: 9, credits: { side: 7, standard: 40, captions: 60 } });
  const classes = {
    gauge: 'standard',
    custom: 'side',
    presence: 'standard',
    caption: 'captions',
    toolCall: 'premium',
    summary: 'deferred',
  };
  t.match(welcome, { classes }, 'META-49 the greeting names the class of each kind');
  const node = gateway.node({ nodeId: 'n', role: 1 });
  await until(() => node.downs.length > 4, 'what the node is told');
  t.match(
    node.downs[0],
    { gateway: { classes: { ...classes, gauge: 'premium' } } },
    'a node hears it before any credit',
  );
  t.ok(node.downs.slice(1).every(({ credit }) => credit));
  for (let index = 0; index < 30; index++) ann.send(custom('a'));
  for (let index = 0; index < 30; index++) ann.send(presence(`k${index}`, 'v'));
  await until(() => gateway.outcome('side', 'rejected_session') === 23, 'what is over the burst of 7');
  const { throttled } = await ann.seen('throttled');
  t.equal(throttled?.class, 'side');
  t.equal(gateway.outcome('standard', 'rejected_session'), 0, 'the class it was taken out of is not touched');
  gateway.conserved();
});
