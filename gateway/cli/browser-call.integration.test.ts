import t from 'tap';
import { JanusServer } from '../agents/fixtures/janus-server.ts';
import { ChromiumFixture } from '../client/fixtures/chromium.ts';
import { BareGateway, type Ending } from './fixtures/bare-gateway.ts';
import { BrowserRoom } from './fixtures/browser-scenario.ts';

// Browsers, twice, on a machine that may be busy.
t.setTimeout(600_000);

/** An SFU under test: how its node is started, and how the SFU is killed and brought back. */
interface Sfu {
  readonly name: string;
  start(t: Ending, gateway: BareGateway): Promise<{ kill(): Promise<void>; revive(): Promise<void>; log(): string }>;
}

const REFERENCE: Sfu = {
  name: 'reference',
  start: async (t, gateway) => {
    const run = () => gateway.node(t, 'reference', '--node-id', 'sfu');
    let node = run();
    return {
      kill: async () => {
        node.child.kill('SIGKILL');
        await node.ended;
      },
      revive: async () => {
        node = run();
      },
      log: () => node.stderr + node.stdout,
    };
  },
};

const JANUS: Sfu = {
  name: 'Janus',
  start: async (t, gateway) => {
    const janus = await JanusServer.start(t);
    const node = gateway.node(t, 'janus', '--janus', janus.url, '--node-id', 'sfu');
    return {
      kill: () => janus.kill(),
      revive: () => janus.revive(),
      log: () => node.stderr + node.stdout + janus.log,
    };
  },
};

for (const sfu of [REFERENCE, JANUS]) {
  t.test(`Chromium calls Chromium over the ${sfu.name} SFU`, async (t) => {
    const gateway = await BareGateway.start(t);
    const node = await sfu.start(t, gateway);
    const browser = await ChromiumFixture.start(t);
    await gateway.nodeIs('sfu').catch((error) => t.fail(`${error} ${node.log()}`));
    const room = new BrowserRoom(gateway, browser, 'hall');
    t.teardown(() => room.end());

    await t.test(`REAL-1 both are connected and decode the other's frames (${sfu.name})`, async (t) => {
      await room.join('ann', 'protobuf');
      await room.join('bob/ö', 'json');
      await Promise.all([room.sees('ann', 'bob/ö'), room.sees('bob/ö', 'ann')]);
      for (const identity of ['ann', 'bob/ö']) {
        const report = await room.until(identity, 'both connections stand', ({ publishState, subscribeState }) => {
          return publishState === 'connected' && subscribeState === 'connected';
        });
        t.strictSame(report.troubles, []);
        t.equal(report.sockets.filter((url) => url.endsWith('/v1/signal')).length, 1, 'one signalling socket');
      }
    });

    await t.test(
      `REAL-2 mute stops the track's media and nothing else; unmute brings it back (${sfu.name})`,
      async (t) => {
        await room.tabs.get('ann')!.mute('video', true);
        // What was under way arrives while this much audio does.
        const muted = await room.hears('bob/ö', 'ann', 100);
        const later = await room.hears('bob/ö', 'ann', 100);
        t.equal(later.framesDecoded.ann, muted.framesDecoded.ann, 'no frame more');
        const sender = await room.tabs.get('ann')!.report();
        t.ok(sender.framesSent > (later.framesDecoded.ann ?? 0), 'though it is still sent');
        await room.tabs.get('ann')!.mute('video', false);
        await room.sees('bob/ö', 'ann');
      },
    );

    await t.test(
      `REAL-3 a killed tab is seen to leave; the offer that follows is answered (${sfu.name})`,
      async (t) => {
        await room.join('eve');
        await Promise.all([room.sees('bob/ö', 'eve'), room.sees('ann', 'eve')]);
        const before = await room.until('bob/ö', 'four tracks come', ({ sending }) => sending === 4);
        await room.kill('eve');
        const after = await room.until('bob/ö', 'eve has left, and two tracks come', (report) => {
          return report.participants.includes('eve:left') && report.sending === 2 && report.answered === report.offers;
        });
        t.ok(after.offers > before.offers, 'the SFU has offered by itself');
        await room.sees('bob/ö', 'ann');
        t.strictSame(after.troubles, []);
      },
    );

    await t.test(
      `REAL-4 a killed SFU that comes back has the call again, on the same WebSocket (${sfu.name})`,
      async (t) => {
        const before = await room.tabs.get('ann')!.report();
        await node.kill();
        await gateway.nodeIs('sfu', false);
        await node.revive();
        for (const identity of ['ann', 'bob/ö']) {
          await room.until(identity, 'it is told to renegotiate', ({ renegotiations }) => renegotiations > 0);
        }
        await Promise.all([room.sees('ann', 'bob/ö'), room.sees('bob/ö', 'ann')]);
        const after = await room.tabs.get('ann')!.report();
        t.equal(after.state, 'joined');
        t.strictSame(after.sockets, before.sockets, 'no socket was opened');
      },
    );
  });
}
