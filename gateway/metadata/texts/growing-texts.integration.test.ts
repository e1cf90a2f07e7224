/** Texts that grow, over real sockets and streams: to both subprotocols, and back to publishers what is missing. */
import t from 'tap';
import { Kind } from '../../../schemas/kinds.ts';
import type { Frame } from '../../../schemas/proto.ts';
import { proto } from '../../../schemas/proto.ts';
import { TENANT } from '../fixtures/metadata-client.ts';
import { metadataUnderTest, sleep, until } from '../fixtures/metadata-under-test.ts';
import { joinParts, partKeyOf, partOf, wholeText } from '../fixtures/part-texts.ts';

const TICK_MS = 100;
const { Phase } = proto.AgentTurn;
const { Mode } = proto.Caption;

const partsOf = (client: { received: readonly { frame: Frame }[] }): Frame[] =>
  client.received.map(({ frame }) => frame).filter((frame) => partKeyOf(frame) !== '');

t.test('META-50 a turn streams to everybody in fewer frames than it was published in, and is whole', async (t) => {
  const gateway = await metadataUnderTest(t);
  const agent = await gateway.open({ identity: 'agent', agent: true });
  const readers = [await gateway.open({ identity: 'binary' }), await gateway.open({ identity: 'json', json: true })];
  const words = Array.from({ length: 40 }, (_, index) => `word ${index} 🎉 `);
  let offset = 0;
  const startMs = performance.now();
  for (const [index, text] of words.entries()) {
    const phase = index === 0 ? Phase.started : Phase.delta;
    agent.send({ kind: Kind.agentTurn, agentTurn: { turn: 'answer', phase, offset, text, modelTokens: 3 } });
    offset += [...text].length;
    if (index === 20) readers.push(await gateway.open({ identity: 'late' }));
    await sleep(10);
  }
  agent.send({ kind: Kind.agentTurn, agentTurn: { turn: 'answer', phase: Phase.done, offset, text: '' } });
  for (const reader of readers) {
    await reader.until(() => reader.of('agentTurn').some(({ agentTurn }) => agentTurn?.phase === Phase.done));
    const frames = partsOf(reader);
    t.match([...joinParts(frames).values()], [{ points: [...words.join('')], ended: true }], reader.identity);
    // The first, one a tick, the end, and one more where a newcomer joins between two.
    const most = 3 + Math.ceil((performance.now() - startMs) / TICK_MS);
    t.ok(frames.length <= most, `${frames.length} frames to ${reader.identity}, of ${words.length + 1}`);
    t.equal(frames[0]?.agentTurn?.phase, Phase.started);
    const modelTokens = frames.reduce((sum, { agentTurn }) => sum + (agentTurn?.modelTokens ?? 0), 0);
    t.equal(modelTokens, 3 * words.length);
  }
  gateway.conserved();
});

t.test(
  'META-51 clients and nodes are asked for what is missing, on the socket or stream they publish on',
  async (t) => {
    const gateway = await metadataUnderTest(t);
    const reader = await gateway.open({ identity: 'reader' });
    for (const json of [false, true]) {
      const agent = await gateway.open({ identity: `agent ${json}`, agent: true, json });
      const number = json ? 1 : 0;
      const { length } = wholeText(number);
      agent.send(partOf(true, number, 0, 2, 'none'));
      agent.send(partOf(true, number, 4, length, 'whole'));
      const asked = await agent.seen('snapshotWanted');
      t.match(asked.snapshotWanted, { stream: `t${number}` });
      agent.send(partOf(true, number, 0, length, 'none'));
      await reader.until(() => joinParts(partsOf(reader)).get(`turn t${number}`)?.ended === true);
      t.same(joinParts(partsOf(reader)).get(`turn t${number}`)?.points, wholeText(number));
    }
    const node = gateway.node({ nodeId: 'asr', role: 1 });
    const inRoom = (frame: Frame): Frame => ({ ...frame, tenant: TENANT, room: 'room', from: 'ann' });
    const { length } = wholeText(7);
    node.publish([inRoom(partOf(false, 7, 3, length, 'whole'))]);
    await until(() => node.downs.some(({ snapshotWanted }) => snapshotWanted?.segment === 7), 'the node to be asked');
    node.publish([inRoom(partOf(false, 7, 0, 3, 'none'))]);
    await reader.until(() => joinParts(partsOf(reader)).get('caption 7')?.ended === true);
    t.same(joinParts(partsOf(reader)).get('caption 7')?.points, wholeText(7));
    const { finals } = gateway.snapshot();
    t.equal(finals.received, 1);
    t.equal(finals.delivered, 1);
    gateway.conserved();
  },
);

t.test('META-53 who contradicts what it said is told so and closed with 4001', async (t) => {
  const gateway = await metadataUnderTest(t);
  const reader = await gateway.open({ identity: 'reader' });
  const agent = await gateway.open({ identity: 'agent', agent: true });
  const caption = (offset: number, text: string): Frame => ({
    kind: Kind.caption,
    caption: { stream: 's', segment: 1, mode: Mode.append, offset, text },
  });
  agent.send(caption(0, 'one thing'));
  await reader.count('caption', 1);
  agent.send(caption(4, 'word'));
  t.match((await agent.seen('error')).error?.message, /contradicts its text so far/);
  t.equal((await agent.closed).code, 4001);
  const [, end] = await reader.count('caption', 2);
  t.match(end, { final: true, caption: { state: proto.Caption.State.failed } });
  gateway.conserved();
});
