/** What the death of the metadata plane costs calls, while agents flood it: nothing. */
import t from 'tap';
import { connect } from '../../gateway/client/sluice-client.ts';
import { Kind } from '../../schemas/kinds.ts';
import { TokenSigner } from '../access-token.ts';
import { pause } from '../clock.ts';
import { CROWD_TENANTS } from '../processes/gateway-process.ts';
import { startRig } from './rig.ts';

const SETUPS_PER_SECOND = 40;
const SETUPS = 240;
const KILL_AFTER_MS = 2500;
/** Looser than the experiments': other tests use the machine at the same time. */
const DEADLINE_MS = 5000;

t.test(
  'LOAD-9 killing the metadata plane under a flood drops no call and stops no setup',
  { timeout: 120_000 },
  async (t) => {
    const rig = await startRig('sluice', 64);
    t.teardown(() => rig.stop());
    const { target } = rig;
    const signer = new TokenSigner(target.key);
    const signalUrl = `ws://${target.host}:${target.signalPort}/v1/signal`;

    const tellState: string[] = [];
    const metadata: string[][] = [];
    const clients = await Promise.all(
      (['protobuf', 'json', 'protobuf', 'json'] as const).map(async (subprotocol, index) => {
        const identity = `bystander-${index}`;
        const accessToken = await signer.sign({ identity, tenant: 'calls', kind: 'standard', room: 'bystanders' });
        const client = await connect({ signalUrl, accessToken, room: 'bystanders', subprotocol });
        t.teardown(() => client.close());
        const states: string[] = [];
        metadata.push(states);
        client.on('state', ({ state }) => tellState.push(`${identity} ${state}`));
        client.on('metadataState', ({ state }) => states.push(state));
        return client;
      }),
    );
    await eventually(() => clients.every((client) => client.state === 'joined'));

    await rig.flood.call('rude', {
      target,
      tenants: CROWD_TENANTS,
      frames: 'captions',
      sockets: 8,
      rooms: 8,
      addresses: 16,
    });
    const setups = rig.callers.call('run', {
      ratePerSecond: SETUPS_PER_SECOND,
      durationMs: (1000 * SETUPS) / SETUPS_PER_SECOND,
      seed: 7,
      coldEvery: 0,
      deadlineMs: DEADLINE_MS,
    });
    await pause(KILL_AFTER_MS);
    const before = await rig.figures();
    const pid = Number(/metadata 0\s+pid (\d+)/.exec(rig.report)?.[1]);
    process.kill(pid, 'SIGKILL');

    const report = await setups;
    await rig.flood.call('stop', null);
    t.ok(report.setups > SETUPS / 2, 'setups were placed on schedule');
    t.same(report.failures, {}, 'and answered');
    t.equal(report.reopened, 0, 'no signalling socket of a caller was lost');
    t.same(tellState, [], 'no bystander lost its session');

    await eventually(() => metadata.every((states) => states.at(-1) === 'separate'));
    t.ok(
      metadata.every((states) => states.includes('reconnecting')),
      'every metadata socket was lost and came back by itself',
    );
    const heard = new Promise((resolve) => clients[1]!.on('metadata', (frame) => resolve(frame.feedback?.ref)));
    // Never shed: after such a flood presence may be off for a while.
    clients[0]!.publish({ kind: Kind.feedback, feedback: { messageId: 'm', ref: 'alive', correction: '' } });
    t.equal(await heard, 'alive', 'and carries metadata again');

    const after = await rig.figures();
    t.ok(before !== null && after !== null, 'the gateway answers for itself');
    t.ok(after!.residual === 0, 'every frame offered before and after the kill is accounted for');
  },
);

async function eventually(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (holds()) return;
    await pause(50);
  }
  throw new Error('it never came to be');
}
