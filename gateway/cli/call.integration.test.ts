import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { CaptionStore } from '../client/caption-store.ts';
import type { Subprotocol } from '../client/frame-encoding.ts';
import { connect, type SluiceClient } from '../client/sluice-client.ts';
import { SluiceError } from '../client/sluice-error.ts';
import { DEMO_API_KEY, DEMO_SECRET } from '../config/demo-config.ts';
import { createAccessToken } from '../edge/access-token.ts';
import { CallParticipant, type PacketCounts } from './call-participant.ts';
import { DemoGateway, eventually, SluiceProcess, sluice } from './fixtures/demo-gateway.ts';

const TRACE = fileURLToPath(new URL('../agents/traces/standup.jsonl', import.meta.url));
const SUBPROTOCOLS: readonly Subprotocol[] = ['protobuf', 'json'];

const accessToken = (identity: string) => createAccessToken({ apiKey: DEMO_API_KEY, secret: DEMO_SECRET, identity });

/**
 * Resolves when metadata of the room reaches every reader: finals from before that are not theirs to get. A gauge is a
 * value that late ones get too.
 */
async function reached(signalUrl: string, room: string, readers: readonly SluiceClient[]): Promise<void> {
  const marker = await connect({ signalUrl, room, accessToken: await accessToken('marker') });
  const waiting = new Set(readers);
  const offs = readers.map((reader) =>
    reader.on('metadata', (frame) => {
      if (frame.gauge?.key === 'here') waiting.delete(reader);
    }),
  );
  marker.publish({ kind: Kind.gauge, gauge: { key: 'here', value: Uint8Array.of(1) } });
  await eventually(() => waiting.size === 0, 'metadata reaches everybody');
  for (const off of offs) off();
  await marker.leave();
}

interface Line {
  readonly event: string;
  readonly stage?: string;
  readonly sent?: PacketCounts;
  readonly received?: PacketCounts;
  readonly peer?: { sent: PacketCounts; received: PacketCounts };
}

t.test('calls through a gateway and its reference SFU', async (t) => {
  const gateway = await DemoGateway.start(t, 'resumeMs=1000');
  const { signalUrl } = gateway;

  for (const subprotocol of SUBPROTOCOLS) {
    t.test(
      `CLIENT-20 sluice call places a call with media both ways and says how it went (${subprotocol})`,
      async (t) => {
        const args = [
          '--room',
          `both-${subprotocol}`,
          '--signal',
          signalUrl,
          '--seconds',
          '3',
          '--subprotocol',
          subprotocol,
        ];
        const { code, stdout, stderr } = await sluice('call', ...args, '--json');
        t.equal(code, 0, stderr);
        const lines = stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Line);
        const stages = lines.filter((line) => line.event === 'stage').map((line) => line.stage);
        t.strictSame(stages.slice(0, 4), ['TCP + WebSocket', 'welcome', 'joined', 'offer → answer']);
        for (const stage of ['ICE connected', 'DTLS connected', 'media sent', 'heard by the echo', 'media received']) {
          t.ok(stages.includes(stage), stage);
        }
        const summary = lines.find((line) => line.event === 'summary')!;
        for (const counts of [summary.sent, summary.received, summary.peer?.sent, summary.peer?.received]) {
          t.ok(counts && counts.audio > 10 && counts.video > 3, JSON.stringify(counts));
        }
      },
    );

    t.test(
      `CLIENT-21 a muted track stops reaching others while the other track goes on (${subprotocol})`,
      async (t) => {
        const room = `mute-${subprotocol}`;
        const [ada, bob] = await Promise.all(
          ['ada', 'bob'].map(async (identity) => {
            const options = { signalUrl, room, subprotocol, accessToken: await accessToken(identity) };
            return new CallParticipant(options, { stage: () => {}, trouble: (message) => t.fail(message) });
          }),
        );
        t.teardown(() => Promise.all([ada!.leave(), bob!.leave()]));
        await Promise.all([ada!.start(), bob!.start()]);
        const { received } = bob!;
        await eventually(() => received.audio > 10 && received.video > 3, 'bob receives both');
        await ada!.client.mute(ada!.trackId('video'), true);
        // What was under way arrives while this much audio does.
        const past = async (packets: number) => {
          const from = received.audio;
          await eventually(() => received.audio >= from + packets, 'audio goes on');
        };
        await past(10);
        const [muted, sent] = [received.video, ada!.sent.video];
        await past(50);
        t.equal(received.video, muted, 'no video arrives');
        t.ok(ada!.sent.video > sent, 'though it is still sent');
        await ada!.client.mute(ada!.trackId('video'), false);
        await eventually(() => received.video > muted + 3, 'video comes back');
      },
    );

    t.test(`CLIENT-22 a participant whose process is killed is seen away, then left (${subprotocol})`, async (t) => {
      const room = `kill-${subprotocol}`;
      const watcher = await connect({ signalUrl, room, subprotocol, accessToken: await accessToken('watcher') });
      t.teardown(() => watcher.leave());
      const states: string[] = [];
      watcher.on('participant', ({ identity, state }) => {
        if (identity === 'victim') states.push(state);
      });
      const args = [
        '--room',
        room,
        '--signal',
        signalUrl,
        '--identity',
        'victim',
        '--peer',
        'none',
        '--seconds',
        '600',
      ];
      const victim = new SluiceProcess('call', ...args, '--json');
      t.teardown(() => {
        victim.child.kill('SIGKILL');
        return victim.ended;
      });
      await eventually(() => victim.stdout.includes('media sent'), 'the victim is in the call');
      victim.child.kill('SIGKILL');
      await eventually(() => states.includes('left'), 'it is seen to leave');
      t.strictSame(states, ['joined', 'away', 'left']);
    });
  }

  t.test('CLIENT-23 finals of a replay arrive once and in order at subscribers of both subprotocols', async (t) => {
    const spoken = readFileSync(TRACE, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const expected = new Map<string, string[]>();
    for (const { stream, text, final } of spoken) {
      if (!final) continue;
      expected.set(stream, [...(expected.get(stream) ?? []), text]);
    }
    const count = [...expected.values()].flat().length;
    const room = 'replay';
    const listeners = await Promise.all(
      SUBPROTOCOLS.map(async (subprotocol) => {
        const options = { signalUrl, room, subprotocol, accessToken: await accessToken(`listener-${subprotocol}`) };
        const client = await connect(options);
        t.teardown(() => client.leave());
        const raw: string[] = [];
        const merged = new Map<string, string[]>();
        let interims = 0;
        const store = new CaptionStore({
          finalised: ({ stream, text, replay }) => {
            if (!replay) t.fail('it does not say that it is a replay');
            merged.set(stream, [...(merged.get(stream) ?? []), text]);
          },
        });
        client.on('caption', (frame) => {
          if (frame.final) raw.push(`${frame.caption?.stream} ${frame.caption?.segment}`);
          else interims++;
          store.take(frame);
        });
        return { client, raw, merged, interims: () => interims };
      }),
    );
    await reached(
      signalUrl,
      room,
      listeners.map(({ client }) => client),
    );
    const args = ['--trace', TRACE, '--tenant', 'demo', '--room', room, '--speed', '6'];
    const { nodeControl, nodeMetadata } = gateway;
    const addresses = ['--gateway-control', nodeControl, '--gateway-metadata', nodeMetadata, '--node-id', 'replayer'];
    const node = new SluiceProcess('node', 'captions', ...args, ...addresses);
    t.teardown(() => {
      node.child.kill('SIGKILL');
      return node.ended;
    });
    for (const { raw } of listeners) {
      await eventually(() => raw.length >= count, 'all finals').catch((error) => t.fail(`${error} ${node.stderr}`));
    }
    await Promise.all(listeners.map(({ client }) => client.ping()));
    for (const { raw, merged, interims } of listeners) {
      t.equal(raw.length, count, 'none twice');
      t.equal(new Set(raw).size, count);
      for (const [stream, finals] of expected) t.strictSame(merged.get(stream), finals, stream);
      t.ok(interims() > count, 'interims came between them');
    }
  });

  t.test('CLIENT-24 what is published as a final is accepted, and delivered once', async (t) => {
    const room = 'publish';
    const reader = await connect({ signalUrl, room, accessToken: await accessToken('reader') });
    const jwt = await createAccessToken({
      apiKey: DEMO_API_KEY,
      secret: DEMO_SECRET,
      identity: 'agent',
      kind: 'agent',
    });
    const writer = await connect({ signalUrl, room, accessToken: jwt });
    t.teardown(() => Promise.all([reader.leave(), writer.leave()]));
    const texts: string[] = [];
    reader.on('caption', (frame) => frame.final && texts.push(frame.caption?.text ?? ''));
    await reached(signalUrl, room, [reader]);
    for (let segment = 0; segment < 5; segment++) {
      writer.publish({ kind: Kind.caption, final: true, caption: { stream: 's', segment, text: `final ${segment}` } });
    }
    await writer.flushed();
    await eventually(() => texts.length >= 5, 'five finals');
    t.strictSame(texts, ['final 0', 'final 1', 'final 2', 'final 3', 'final 4']);
  });

  t.test('CLIENT-31 an offer to a participant resolves with their answer', async (t) => {
    const room = 'mesh';
    const ada = await connect({ signalUrl, room, accessToken: await accessToken('ada') });
    const bob = await connect({ signalUrl, room, accessToken: await accessToken('bob'), subprotocol: 'json' });
    t.teardown(() => Promise.all([ada.leave(), bob.leave()]));
    bob.on('offer', (offer) => {
      t.match(offer, { connection: 'peer:ada', sdp: 'v=0 offer' });
      bob.answer(offer, 'v=0 answer').catch((error) => t.fail(error));
    });
    t.match(await ada.offer('peer:bob', 'v=0 offer'), { connection: 'peer:bob', sdp: 'v=0 answer' });
    await t.rejects(ada.offer('peer:nobody', 'v=0 offer'), SluiceError);
  });

  t.test(
    'CLIENT-32 a killed metadata plane costs no signalling socket, and metadata comes back by itself',
    async (t) => {
      const room = 'outage';
      const reader = await connect({ signalUrl, room, accessToken: await accessToken('reader') });
      const jwt = await createAccessToken({
        apiKey: DEMO_API_KEY,
        secret: DEMO_SECRET,
        identity: 'agent',
        kind: 'agent',
      });
      const writer = await connect({ signalUrl, room, accessToken: jwt, subprotocol: 'json' });
      t.teardown(() => Promise.all([reader.leave(), writer.leave()]));
      const [texts, states]: [string[], string[]] = [[], []];
      const metadata = new Map<string, string>();
      // Unaccepted finals come again after such a death: the store is what tells each once.
      const store = new CaptionStore({ finalised: ({ text }) => texts.push(text) });
      reader.on('caption', (frame) => store.take(frame));
      for (const [name, client] of Object.entries({ reader, writer })) {
        client.on('state', ({ state }) => states.push(state));
        client.on('metadataState', ({ state }) => metadata.set(name, state));
      }
      const final = (segment: number, text: string) =>
        writer.publish({ kind: Kind.caption, final: true, caption: { stream: 's', segment, text } });
      await reached(signalUrl, room, [reader]);
      final(0, 'before');
      await eventually(() => texts.includes('before'), 'a final before');
      const status = (await (await fetch(`${gateway.operatorUrl}/v1/status`)).json()) as {
        planes: { plane: string; pid: number }[];
      };
      process.kill(status.planes.find((one) => one.plane === 'metadata')!.pid, 'SIGKILL');
      await eventually(() => [...metadata.values()].includes('reconnecting'), 'the loss is seen');
      final(1, 'meanwhile');
      await eventually(
        () => metadata.get('reader') === 'separate' && metadata.get('writer') === 'separate',
        'back again',
      ).catch((error) => {
        throw new Error(`${error}: ${JSON.stringify([...metadata])} ${gateway.process.stdout.slice(-2000)}`);
      });
      await writer.flushed();
      await reached(signalUrl, room, [reader]);
      final(2, 'after');
      await eventually(() => texts.includes('after'), 'a final after');
      // Whether the reader was back before the writer decides over 'meanwhile'.
      t.strictSame(
        texts.filter((text) => text !== 'meanwhile'),
        ['before', 'after'],
      );
      t.strictSame(states, [], 'nothing happened to the signalling sockets');
    },
  );

  t.test('CLIENT-33 one mixed socket carries the call and the captions', async (t) => {
    const room = 'mixed';
    const mixed = { signalUrl, room, capabilities: ['mixed'] };
    const reader = await connect({ ...mixed, accessToken: await accessToken('reader'), subprotocol: 'json' });
    const jwt = await createAccessToken({
      apiKey: DEMO_API_KEY,
      secret: DEMO_SECRET,
      identity: 'agent',
      kind: 'agent',
    });
    const writer = await connect({ signalUrl, room, accessToken: jwt });
    t.teardown(() => Promise.all([reader.leave(), writer.leave()]));
    const texts: string[] = [];
    reader.on('caption', (frame) => frame.final && texts.push(frame.caption?.text ?? ''));
    await reached(signalUrl, room, [reader]);
    for (let segment = 0; segment < 3; segment++) {
      writer.publish({ kind: Kind.caption, final: true, caption: { stream: 's', segment, text: `final ${segment}` } });
    }
    await eventually(() => texts.length >= 3, 'three finals');
    t.strictSame(texts, ['final 0', 'final 1', 'final 2']);
  });

  t.test('OPS-44 a call whose report nobody reads any more is left, by both of its participants', async (t) => {
    const room = 'unread';
    const watcher = await connect({ signalUrl, room, accessToken: await accessToken('watcher') });
    const states: string[] = [];
    watcher.on('participant', ({ identity, state }) => states.push(`${identity} ${state}`));
    const call = new SluiceProcess(
      'call',
      '--room',
      room,
      '--signal',
      signalUrl,
      '--identity',
      'ada',
      '--seconds',
      '600',
    );
    await once(call.child.stdout!, 'data');
    call.child.stdout!.destroy();
    const { code, stderr } = await call.ended;
    t.strictSame([code, stderr], [0, '']);
    await eventually(() => states.includes('ada-echo left'), 'the participants left');
    t.notMatch(states.join(), 'away', 'they did not merely go away');
    await watcher.leave();
  });

  t.test('CLIENT-25 a call that is not let in ends with one line that says what to do, and exit code 1', async (t) => {
    const jwt = await createAccessToken({ apiKey: DEMO_API_KEY, secret: 'another-secret', identity: 'eve' });
    const refused = await sluice('call', '--room', 'r', '--signal', signalUrl, '--token', jwt);
    t.equal(refused.code, 1);
    t.match(refused.stderr, /^sluice: connecting: the access token has a signature .*: give --token, or .*\n$/);
    const narrow = await createAccessToken({
      apiKey: DEMO_API_KEY,
      secret: DEMO_SECRET,
      identity: 'eve',
      room: 'other',
    });
    const elsewhere = await sluice('call', '--room', 'r', '--signal', signalUrl, '--token', narrow);
    t.equal(elsewhere.code, 1);
    t.match(elsewhere.stderr, /^sluice: joining: the access token is for another room.*\n$/);
  });
});

t.test('CLIENT-26 a call to where no gateway is says so and how to start one', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const { code, stdout, stderr } = await sluice('call', '--room', 'r', '--signal', `ws://127.0.0.1:${port}/v1/signal`);
  t.equal(code, 1);
  t.equal(stdout, '');
  const advice = 'start it with npm start, or say where it is with --signal';
  t.equal(stderr, `sluice: connecting: nothing listens on 127.0.0.1:${port}: ${advice}\n`);
});
