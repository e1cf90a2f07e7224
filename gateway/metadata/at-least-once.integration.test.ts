/** What a kind delivered at least once is promised, by real sockets: its number, its place in the log, and that it comes once. */
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { moderation } from './fixtures/frames.ts';
import type { MetadataClient } from './fixtures/metadata-client.ts';
import { metadataUnderTest, until } from './fixtures/metadata-under-test.ts';

const toolCall = (messageId: string, phase: number, pub = 0): Frame => ({
  kind: Kind.toolCall,
  pub,
  toolCall: { messageId, call: 'c', turn: 't', phase },
});
const idsOf = (client: MetadataClient) => client.of('moderation').map(({ moderation }) => moderation!.messageId);
const acceptedBy = (client: MetadataClient) => client.frames.flatMap(({ accepted }) => accepted?.upTo ?? []);

t.test('META-59 what comes again over another connection is confirmed again and delivered once', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann' });
  const first = await gateway.open({ identity: 'bot', agent: true });
  for (const pub of [1, 2, 3]) first.send(moderation(`m${pub}`, pub));
  await first.until(() => acceptedBy(first).includes(3));
  first.drop();
  // It has heard of none of them.
  const again = await gateway.open({ identity: 'bot', agent: true, json: true });
  for (const pub of [1, 2, 3, 4]) again.send(moderation(`m${pub}`, pub));
  await again.until(() => acceptedBy(again).includes(4));
  await ann.until(() => idsOf(ann).includes('m4'));
  t.strictSame(idsOf(ann), ['m1', 'm2', 'm3', 'm4']);
  t.equal(gateway.outcome('premium', 'merged'), 3);
  again.send(toolCall('m1', 0));
  again.send(toolCall('m1', 0));
  again.send(toolCall('', 1));
  again.send(toolCall('', 2));
  const other = await gateway.open({ identity: 'other', agent: true });
  other.send(moderation('m1'));
  await ann.until(() => idsOf(ann).length === 5);
  await ann.count('toolCall', 3);
  t.strictSame(
    ann.of('toolCall').map(({ toolCall }) => toolCall!.phase ?? 0),
    [0, 1, 2],
    'of another kind, without an ID or from somebody else it is another message',
  );
  t.equal(gateway.outcome('premium', 'merged'), 4);
  gateway.conserved();
});

t.test('META-59 the same holds for a node that attaches again', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann' });
  const say = (messageId: string, pub: number, from: string) => ({
    ...moderation(messageId, pub),
    tenant: 'acme',
    room: 'room',
    from,
  });
  const publishAll = async (attempt: number) => {
    const node = gateway.node({ nodeId: 'guard', role: 1 });
    await until(() => gateway.snapshot().sessions.node === 1, `stream ${attempt}`);
    node.publish([say('m1', 1, 'cam'), say('m2', 2, 'cam'), say('m1', 3, 'mic')]);
    await until(() => node.downs.some(({ accepted }) => accepted?.upTo === 3), 'the node to hear that all were taken');
    node.stop();
    await until(() => gateway.snapshot().sessions.node === 0, 'the end of the stream');
  };
  await publishAll(1);
  await publishAll(2);
  await ann.until(() => idsOf(ann).length >= 3);
  await ann.settled();
  t.strictSame(idsOf(ann), ['m1', 'm2', 'm1'], 'a node speaks for many, each with IDs of their own');
  t.equal(gateway.outcome('premium', 'merged'), 3);
  gateway.conserved();
});

t.test('META-59 who is away meanwhile finds each once in what was kept for it', async (t) => {
  const gateway = await metadataUnderTest(t);
  const control = gateway.control();
  await until(() => gateway.snapshot().sessions.node === 1, 'the control plane');
  const update = { session: 's1', resumeToken: 'secret', tenant: 'acme', room: 'room', identity: 'ann' };
  const rights = { canPublish: true, canSubscribe: true, canPublishData: true };
  control.send({ sessionUpdate: { ...update, rights } });
  const attach = (lastNumber: number): Frame => ({
    kind: Kind.attach,
    attach: { session: 's1', resumeToken: 'secret', lastNumber },
  });
  const bot = await gateway.open({ identity: 'bot', agent: true });
  const ann = await gateway.open({ identity: 'ann' });
  ann.send(attach(0));
  await ann.settled();
  bot.send(moderation('m1', 1));
  await ann.until(() => idsOf(ann).length === 1);
  ann.drop();
  for (const pub of [2, 3]) bot.send(moderation(`m${pub}`, pub));
  for (const pub of [2, 3]) bot.send(moderation(`m${pub}`, pub));
  await bot.until(() => acceptedBy(bot).includes(3));
  const back = await gateway.open({ identity: 'ann', query: '?resume=1' });
  back.send(attach(ann.lastNumber));
  await back.until(() => idsOf(back).includes('m3'));
  t.strictSame([...idsOf(ann), ...idsOf(back)], ['m1', 'm2', 'm3']);
  gateway.conserved();
});
