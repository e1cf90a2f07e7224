import { status } from '@grpc/grpc-js';
import t from 'tap';
import { ReconnectDelay } from '../client/reconnect-delay.ts';
import { SmallControl } from './fixtures/small-gateway.ts';
import { until } from './fixtures/until.ts';
import { CommandError, type CommandTable, NodeControl } from './node-control.ts';

const soon = () => new ReconnectDelay(10, 50);

async function attached(commands: CommandTable, nodeToken?: string): Promise<[SmallControl, NodeControl]> {
  const gateway = await new SmallControl().start();
  const node = new NodeControl({
    address: gateway.address,
    nodeToken,
    hello: { nodeId: 'n', role: 0 },
    commands,
    heartbeat: () => ({ load: 0.5, sessions: 3 }),
    heartbeatMs: 50,
    delay: soon(),
  });
  await until('the node has said hello', () => gateway.messages.length > 0);
  return [gateway, node];
}

t.test('NODE-1 hello comes first, with the token; heartbeats follow', async (t) => {
  const [gateway, node] = await attached({}, 'secret');
  t.teardown(() => [node.stop(), gateway.stop()]);
  t.equal(gateway.messages[0]?.hello?.nodeId, 'n');
  t.equal(gateway.authorization, 'Bearer secret');
  await until('three heartbeats came', () => gateway.messages.filter(({ heartbeat }) => heartbeat).length >= 3);
  t.equal(gateway.messages.filter(({ hello }) => hello).length, 1);
});

t.test('NODE-2 each command has one reply: done, answered, refused, failed or unsupported', async (t) => {
  const [gateway, node] = await attached({
    open: () => {},
    offer: async ({ session, offerId }) => ({ session: session ?? '', offerId: offerId ?? '', sdp: 'the answer' }),
    answer: () => {
      throw new CommandError('bad_sdp', 'no good');
    },
    mute: async () => {
      throw new Error('a bug');
    },
  });
  t.teardown(() => [node.stop(), gateway.stop()]);
  gateway.command({ open: { session: 's' } });
  gateway.command({ offer: { session: 's', offerId: '7' } });
  gateway.command({ answer: { session: 's' } });
  gateway.command({ mute: { session: 's' } });
  gateway.command({ request: { session: 's' } });
  gateway.say({ command: 0, open: { session: 's' } });
  gateway.command({});
  await until('all replied', () => gateway.replies.length >= 6);
  const byNumber = gateway.replies.toSorted((a, b) => a.command! - b.command!);
  t.same(
    byNumber.map(({ command, reason }) => [command, reason]),
    [
      [1, ''],
      [2, ''],
      [3, 'bad_sdp'],
      [4, 'internal'],
      [5, 'unsupported'],
      [6, 'unsupported'],
    ],
  );
  t.equal(byNumber[1]?.answer?.sdp, 'the answer');
  t.equal(byNumber[2]?.error, 'no good');
});

t.test('NODE-3 commands of a session run in order, sessions side by side, and a cancel overtakes', async (t) => {
  const ran: string[] = [];
  const gate = Promise.withResolvers<void>();
  const [gateway, node] = await attached({
    open: async ({ session }) => {
      if (session === 'slow') await gate.promise;
      ran.push(`open ${session}`);
    },
    mute: ({ session, track }) => void ran.push(`mute ${session} ${track}`),
    cancel: ({ session }) => void ran.push(`cancel ${session}`),
  });
  t.teardown(() => [node.stop(), gateway.stop()]);
  gateway.command({ open: { session: 'slow' } });
  gateway.command({ mute: { session: 'slow', track: '1' } });
  gateway.command({ mute: { session: 'slow', track: '2' } });
  gateway.command({ open: { session: 'quick' } });
  gateway.command({ cancel: { session: 'slow' } });
  await until('the quick ones are done', () => gateway.replies.length === 2);
  t.same(ran, ['open quick', 'cancel slow']);
  gate.resolve();
  await until('all are done', () => gateway.replies.length === 5);
  t.same(ran.slice(2), ['open slow', 'mute slow 1', 'mute slow 2']);
});

t.test(
  'NODE-4 a command that takes longer than its deadline lets the next one go; what is late is not begun',
  async (t) => {
    const ran: string[] = [];
    const [gateway, node] = await attached({
      open: () => new Promise(() => {}),
      mute: () => void ran.push('mute'),
      close: () => void ran.push('close'),
    });
    t.teardown(() => [node.stop(), gateway.stop()]);
    gateway.command({ deadlineMs: 60, open: { session: 's' } });
    gateway.command({ deadlineMs: 10, mute: { session: 's' } });
    gateway.command({ deadlineMs: 10, close: { session: 's' } });
    await until('both behind it are answered', () => gateway.replies.length === 2);
    t.same(
      gateway.replies.map(({ command, reason }) => [command, reason]),
      [
        [2, 'late'],
        [3, ''],
      ],
    );
    t.same(ran, ['close'], 'what undoes is never too late');
  },
);

t.test(
  'NODE-5 a node comes back after its stream is cut or refused, and replies of the old stream are not sent',
  async (t) => {
    const gate = Promise.withResolvers<void>();
    const [gateway, node] = await attached({ open: () => gate.promise });
    t.teardown(() => [node.stop(), gateway.stop()]);
    gateway.command({ open: { session: 's' } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    gateway.refusal = status.RESOURCE_EXHAUSTED;
    gateway.cut();
    await until('it was refused', () => gateway.attached >= 2);
    gateway.refusal = null;
    await until('it is back', () => gateway.streams.length === 1);
    gate.resolve();
    t.equal(node.offer({ session: 's', connection: 'subscribe:*', offerId: '1', sdp: 'x' }), true);
    await until('its offer came', () => gateway.messages.some(({ offer }) => offer?.session === 's'));
    t.same(gateway.replies, []);
    t.equal(gateway.messages.filter(({ hello }) => hello).length, 2);
  },
);
