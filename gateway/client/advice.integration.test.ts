/** That a client does what a gateway advises: on the wire, for as long as it is advised, and unless told not to. */
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { type Frame, proto } from '../../schemas/proto.ts';
import type { AdviceEvent } from './advice.ts';
import type { ConnectOptions } from './client-types.ts';
import { ScriptedGateway } from './fixtures/scripted-gateway.ts';
import { createClient } from './sluice-client.ts';

const { Action } = proto.Advice;

const caption = (revision: number, final = false): Frame => ({
  kind: Kind.caption,
  final,
  caption: { stream: 's', segment: 1, revision, text: `${revision}` },
});

async function joined(t: { teardown(end: () => Promise<void>): void }, options: Partial<ConnectOptions> = {}) {
  const gateway = await ScriptedGateway.start();
  const { signalUrl } = gateway;
  const client = createClient({ signalUrl, accessToken: 'jwt.of.mine', room: 'demo', ...options });
  t.teardown(async () => {
    client.close();
    await gateway.stop();
  });
  const heard: AdviceEvent[] = [];
  client.on('advice', (advice) => heard.push(advice));
  await client.connect();
  const sockets = () => gateway.on('/v1/metadata');
  await gateway.until(() => sockets()[0]?.received.length === 1, 'attach');
  const advise = async (level: number, actions: number[]) => {
    const before = heard.length;
    sockets().at(-1)!.send({ kind: Kind.advice, advice: { level, actions } });
    await gateway.until(() => heard.length > before, 'the advice');
  };
  const came = () => sockets().flatMap(({ received }) => received.flatMap((frame) => frame.caption?.revision ?? []));
  return { gateway, client, heard, advise, came, sockets };
}

t.test('CLIENT-42 while less is asked for, every other interim of a segment stays here, and no final', async (t) => {
  const { gateway, client, advise, came } = await joined(t);
  await advise(1, [Action.reduceFrequency]);
  const outcomes = [1, 2, 3, 4].map((revision) => client.publish(caption(revision)));
  t.strictSame(outcomes, ['sent', 'dropped', 'sent', 'dropped']);
  t.equal(client.publish(caption(5), { reliable: true }), 'sent', 'who asks for confirmation gets it');
  t.equal(client.publishTogether([caption(6), caption(7), caption(8, true)]), 'sent');
  await advise(0, []);
  client.publish(caption(9));
  client.publish(caption(10));
  const inBatch = () =>
    gateway.on('/v1/metadata').flatMap(({ received }) => received.flatMap((frame) => frame.batch?.frames ?? []));
  await gateway.until(() => came().includes(10), 'the last');
  t.strictSame(came(), [1, 3, 5, 9, 10]);
  t.strictSame(
    inBatch().map((frame) => frame.caption?.revision),
    [6, 8],
  );
});

t.test('CLIENT-42 a client that is told not to heed advice tells of it and goes on', async (t) => {
  const { gateway, client, heard, advise, came } = await joined(t, { heedAdvice: false });
  await advise(4, [Action.reduceFrequency, Action.singleTool]);
  t.strictSame(heard, [{ level: 4, actions: ['reduceFrequency', 'singleTool'] }]);
  for (let revision = 1; revision <= 4; revision++) client.publish(caption(revision));
  await Promise.all([client.turns.begin(), client.turns.begin()]);
  await gateway.until(() => came().length === 4, 'all of them');
});

t.test('CLIENT-43 the client holds turns back while single ones are asked for, and until it ends', async (t) => {
  const { client, advise } = await joined(t);
  await advise(4, [Action.singleTool]);
  const end = await client.turns.begin();
  const second = client.turns.begin();
  t.strictSame([client.turns.open, client.turns.waiting], [1, 1]);
  end();
  await second;
  const third = client.turns.begin();
  client.close();
  await t.rejects(third, /client was closed/);
});

t.test('CLIENT-44 advice is at hand, and forgotten with the socket it came on', async (t) => {
  const { gateway, client, heard, advise, came, sockets } = await joined(t);
  t.strictSame(client.advice, { level: 0, actions: [] });
  await advise(2, [Action.reduceFrequency, 99]);
  t.strictSame(client.advice, { level: 2, actions: ['reduceFrequency'] }, 'words of later versions are left out');
  sockets()[0]!.socket.close(1011);
  await gateway.until(() => sockets().length === 2 && heard.length === 2, 'another socket');
  t.strictSame(
    [client.advice, heard.at(-1)],
    [
      { level: 0, actions: [] },
      { level: 0, actions: [] },
    ],
  );
  for (let revision = 1; revision <= 3; revision++) client.publish(caption(revision));
  await gateway.until(() => came().length === 3, 'all of them');
});
