import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { ConnectOptions, JoinedEvent } from './client-types.ts';
import { ScriptedGateway, type ScriptOptions } from './fixtures/scripted-gateway.ts';
import type { Subprotocol } from './frame-encoding.ts';
import { protobufEncoding } from './protobuf-encoding.ts';
import { createClient, type SluiceClient } from './sluice-client.ts';
import { SluiceError } from './sluice-error.ts';

/** A gateway and clients that end with the test. */
async function scripted(t: Tap, subprotocol: Subprotocol, options: ScriptOptions = {}) {
  const gateway = await ScriptedGateway.start(options);
  const clients: SluiceClient[] = [];
  t.teardown(async () => {
    for (const client of clients) client.close();
    await gateway.stop();
  });
  const client = (more: Partial<ConnectOptions> = {}): SluiceClient => {
    const one = createClient({
      signalUrl: gateway.signalUrl,
      accessToken: 'jwt.of.mine',
      room: 'demo',
      subprotocol,
      ...more,
    });
    clients.push(one);
    return one;
  };
  return { gateway, client };
}
type Tap = { teardown(end: () => Promise<void>): void };

const error = (id: number, code: number, reason: string): Frame => ({
  kind: Kind.error,
  error: { id, code, reason, message: `because ${reason}`, retryAfterMs: 70 },
});

courses('protobuf');
courses('json');

/** Everything below, in one subprotocol. */
function courses(subprotocol: Subprotocol): void {
  t.test(`CLIENT-1 replies are matched to requests by id, in any order (${subprotocol})`, async (t) => {
    const held: Frame[] = [];
    const { gateway, client } = await scripted(t, subprotocol, {
      on: (socket, frame) => {
        if (!frame.mute) return false;
        held.push(frame);
        if (held.length < 3) return true;
        for (const one of held.reverse()) {
          const id = one.mute?.id ?? 0;
          socket.send(one.mute?.track === 'b' ? error(id, 404, 'no_track') : { kind: Kind.ok, ok: { id } });
        }
        return true;
      },
    });
    const one = client();
    const joined = await one.connect();
    t.equal(joined.room, 'demo');
    t.equal(gateway.sockets[0]?.jwt, 'jwt.of.mine');
    t.equal(gateway.sockets[0]?.json, subprotocol === 'json');
    const [a, b, c] = await Promise.allSettled([one.mute('a', true), one.mute('b', true), one.mute('c', false)]);
    t.equal(a?.status, 'fulfilled');
    t.equal(c?.status, 'fulfilled');
    t.match(b, { reason: { code: 404, reason: 'no_track', message: 'because no_track', retryAfterMs: 70 } });
    t.ok(b?.status === 'rejected' && b.reason instanceof SluiceError);
    t.match(await one.offer('publish', 'v=0'), { connection: 'publish', sdp: 'answer' });
    t.ok((await one.ping()) >= 0);
  });

  t.test(
    `CLIENT-2 batches are acknowledged in the end and their frames are told in order (${subprotocol})`,
    async (t) => {
      const { gateway, client } = await scripted(t, subprotocol);
      const one = client();
      const texts: string[] = [];
      one.on('caption', (frame) => texts.push(frame.caption?.text ?? ''));
      await one.connect();
      await gateway.until(() => gateway.on('/v1/metadata')[0]?.received.length === 1, 'attach');
      const socket = gateway.on('/v1/metadata')[0]!;
      t.match(socket.received[0]?.attach, { session: 's1', resumeToken: 'r1', lastNumber: 0 });
      const caption = (text: string): Frame => ({
        kind: Kind.caption,
        from: 'x',
        caption: { stream: 's', segment: 0, text },
      });
      socket.send({ kind: Kind.batch, batch: { number: 1, frames: [caption('a'), caption('b')] } });
      socket.send({ kind: Kind.batch, batch: { number: 2, frames: [caption('c')] } });
      await gateway.until(() => socket.received.filter((frame) => frame.ack).length === 2, 'two acks');
      t.same(
        socket.received.flatMap((frame) => frame.ack?.upTo ?? []),
        [1, 2],
      );
      t.same(texts, ['a', 'b', 'c']);
    },
  );

  t.test(`CLIENT-3 a lost socket is resumed, and repeated events are told once (${subprotocol})`, async (t) => {
    const { gateway, client } = await scripted(t, subprotocol);
    const one = client();
    const seen: string[] = [];
    const joins: JoinedEvent[] = [];
    one.on('participant', (event) => seen.push(event.identity));
    one.on('joined', (event) => joins.push(event));
    await one.connect();
    const participant = (identity: string, seq: number): Frame => ({
      kind: Kind.participant,
      seq,
      participant: { identity, state: 0 },
    });
    gateway.sockets[0]?.send(participant('a', 1));
    gateway.sockets[0]?.send(participant('b', 2));
    await one.ping();
    gateway.sockets[0]?.socket.terminate();
    await gateway.until(() => joins.length === 2, 'a second joined');
    const again = gateway.on('/v1/signal')[1]!;
    t.match(again.received[0]?.join?.resume, { session: 's1', resumeToken: 'r1', lastSeq: 2 });
    t.match(joins[1], { resumed: true, session: 's1' });
    again.send(participant('b', 2));
    again.send(participant('c', 3));
    await one.ping();
    t.same(seen, ['a', 'b', 'c']);
  });

  t.test(`CLIENT-40 another client goes on with a session from its resume point (${subprotocol})`, async (t) => {
    const { gateway, client } = await scripted(t, subprotocol);
    const one = client({ metadata: false });
    t.equal(one.resumePoint, null, 'before the join there is none');
    await one.connect();
    const participant = (identity: string, seq: number): Frame => ({
      kind: Kind.participant,
      seq,
      participant: { identity, state: 0 },
    });
    gateway.sockets[0]?.send(participant('a', 1));
    await one.ping();
    const { resumePoint } = one;
    t.same(resumePoint, { session: 's1', resumeToken: 'r1', lastSeq: 1 });
    const other = client({ metadata: false, resume: resumePoint! });
    const seen: string[] = [];
    other.on('participant', (event) => seen.push(event.identity));
    t.match(await other.connect(), { session: 's1', resumed: true });
    t.same(gateway.sockets[1]?.received[0]?.join?.resume, resumePoint);
    t.equal(gateway.sockets[1]?.query.get('resume'), '1');
    gateway.sockets[1]?.send(participant('a', 1));
    gateway.sockets[1]?.send(participant('b', 2));
    await other.ping();
    t.same(seen, ['b'], 'what the first client heard is not told again');
  });

  t.test(`CLIENT-18 clients cut off together are told to wait for different times (${subprotocol})`, async (t) => {
    const { gateway, client } = await scripted(t, subprotocol);
    const delays: number[] = [];
    const all = Array.from({ length: 12 }, () => client({ metadata: false }));
    for (const one of all) {
      one.on('state', ({ state, delayMs }) => {
        if (state === 'reconnecting') delays.push(delayMs);
      });
    }
    await Promise.all(all.map((one) => one.connect()));
    for (const { socket } of gateway.sockets) socket.terminate();
    await gateway.until(() => delays.length >= 12, 'all have noticed');
    const first = delays.slice(0, 12);
    t.ok(
      first.every((delayMs) => delayMs >= 250 && delayMs <= 750),
      `between the base and three times that: ${first}`,
    );
    t.ok(new Set(first).size > 6, 'not at once');
    await gateway.until(
      () => all.every(({ state }) => state === 'joined') && gateway.sockets.length === 24,
      'all are back',
    );
  });

  t.test(`CLIENT-4 a close from 4000 to 4099 ends the client, others do not (${subprotocol})`, async (t) => {
    const { gateway, client } = await scripted(t, subprotocol);
    const one = client();
    const states: string[] = [];
    let last: SluiceError | undefined;
    one.on('state', (event) => {
      states.push(event.state);
      last = event.error;
    });
    await one.connect();
    gateway.sockets[0]?.socket.close(4200);
    await gateway.until(() => states.length >= 3, 'joined again');
    gateway.on('/v1/signal')[1]?.socket.close(4005);
    await gateway.until(() => one.state === 'closed', 'closed');
    t.same(states, ['joined', 'reconnecting', 'joined', 'closed']);
    t.match(last, { code: 4005, reason: 'replaced' });
    await t.rejects(one.mute('a', true), new SluiceError(0, 'notConnected', 'no connection to send mute on'));
  });

  t.test(
    `CLIENT-5 a refused handshake says why, as the gateway answers a plain request (${subprotocol})`,
    async (t) => {
      const { gateway, client } = await scripted(t, subprotocol, {
        refuse: () => ({
          status: 429,
          body: { reason: 'limited', message: 'too many handshakes', retryAfterMs: 1500 },
        }),
      });
      await t.rejects(client().connect(), {
        code: 429,
        reason: 'limited',
        message: 'too many handshakes',
        retryAfterMs: 1500,
      });
      t.equal(gateway.sockets.length, 0);
      const nowhere = await ScriptedGateway.start();
      const { signalUrl, host } = nowhere;
      await nowhere.stop();
      await t.rejects(client({ signalUrl }).connect(), {
        reason: 'unreachable',
        message: `nothing listens on ${host}`,
      });
    },
  );

  t.test(
    `CLIENT-6 a metadata socket that cannot be reached makes the client join again as mixed (${subprotocol})`,
    async (t) => {
      const nowhere = await ScriptedGateway.start();
      const metadataUrl = `ws://${nowhere.host}/v1/metadata`;
      await nowhere.stop();
      const { gateway, client } = await scripted(t, subprotocol, { metadataUrl });
      const one = client();
      const texts: string[] = [];
      one.on('caption', (frame) => texts.push(frame.caption?.text ?? ''));
      await one.connect();
      await gateway.until(() => gateway.sockets[1]?.received[0]?.join != null, 'a second join');
      t.match(gateway.sockets[1]?.received[0]?.join, { capabilities: ['mixed'], resume: { session: 's1' } });
      gateway.sockets[1]?.send({
        kind: Kind.batch,
        batch: {
          number: 1,
          frames: [{ kind: Kind.caption, from: 'x', caption: { stream: 's', segment: 0, text: 'hi' } }],
        },
      });
      await gateway.until(() => gateway.sockets[1]?.received.some((frame) => frame.ack?.upTo === 1) === true, 'an ack');
      t.same(texts, ['hi']);
      const mixed = gateway.sockets[1]!;
      one.publish({ kind: Kind.feedback, feedback: { messageId: 'm', ref: 'r' } });
      await gateway.until(() => mixed.received.some((frame) => frame.pub === 1), 'what is published goes there');
      mixed.send({ kind: Kind.throttled, throttled: { class: '', dropped: 1, retryAfterMs: 5 } });
      await gateway.until(
        () => mixed.received.filter((frame) => frame.pub === 1).length === 2,
        'again, as it was dropped',
      );
      mixed.send({ kind: Kind.accepted, accepted: { upTo: 1 } });
      await one.flushed();
    },
  );

  t.test(
    `CLIENT-34 a mixed client gets its metadata socket back once the plane answers (${subprotocol})`,
    async (t) => {
      let down = true;
      const { gateway, client } = await scripted(t, subprotocol, {
        refuse: (path) => (down && path === '/v1/metadata' ? { status: 503, body: { reason: 'starting' } } : null),
      });
      const one = client();
      const states: string[] = [];
      one.on('metadataState', ({ state }) => states.push(state));
      await one.connect();
      await gateway.until(() => states.includes('mixed'), 'mixed');
      down = false;
      await gateway.until(() => states.at(-1) === 'separate', 'separate');
      await gateway.until(() => gateway.on('/v1/metadata')[0]?.received.length === 1, 'attach');
      const joins = gateway.on('/v1/signal').map((socket) => socket.received[0]?.join);
      t.same(
        joins.map((join) => join?.capabilities),
        [[], ['mixed'], []],
      );
      t.equal(joins[2]?.resume?.session, 's1');
      t.match(gateway.on('/v1/metadata')[0]?.received[0]?.attach, { session: 's1' });
    },
  );

  t.test(
    `CLIENT-7 finals are sent again over a new metadata socket until they are accepted (${subprotocol})`,
    async (t) => {
      const { gateway, client } = await scripted(t, subprotocol, { credits: { captions: 10 } });
      const one = client();
      await one.connect();
      const final = (segment: number): Frame => ({
        kind: Kind.caption,
        final: true,
        caption: { stream: 's', segment, text: `t${segment}` },
      });
      const pubs = (index: number) =>
        gateway.on('/v1/metadata')[index]?.received.flatMap((frame) => frame.pub || []) ?? [];
      one.publish(final(0));
      one.publish(final(1));
      await gateway.until(() => pubs(0).length === 2, 'two finals');
      gateway.on('/v1/metadata')[0]?.send({ kind: Kind.accepted, accepted: { upTo: 1 } });
      await gateway.until(() => gateway.sockets.length === 2, 'both sockets');
      await one.ping();
      let flushed = false;
      gateway.on('/v1/metadata')[0]?.socket.close(1011);
      await gateway.until(() => pubs(1).length > 0, 'a final again');
      const done = one.flushed().then(() => {
        flushed = true;
      });
      const first = pubs(1);
      t.ok(first.includes(2), 'what was not accepted comes again');
      t.equal(flushed, false);
      gateway.on('/v1/metadata')[1]?.send({ kind: Kind.accepted, accepted: { upTo: 2 } });
      await done;
      t.equal(gateway.on('/v1/signal').length, 1, 'the signalling socket was left alone');
    },
  );

  t.test(`CLIENT-36 frames wait for credit in the class the gateway names (${subprotocol})`, async (t) => {
    const { gateway, client } = await scripted(t, subprotocol, { classes: { custom: 'tight' }, credits: { tight: 2 } });
    const one = client();
    await one.connect();
    await gateway.until(() => gateway.on('/v1/metadata')[0]?.received.length === 1, 'attach');
    const socket = gateway.on('/v1/metadata')[0]!;
    const came = () => socket.received.flatMap((frame) => frame.custom?.type ?? []);
    for (const type of ['a', 'b', 'c', 'd', 'e']) one.publish({ kind: Kind.custom, custom: { type } });
    await gateway.until(() => came().length === 2, 'two');
    socket.send({ kind: Kind.credit, credit: { class: 'wide', frames: 9 } });
    socket.send({ kind: Kind.credit, credit: { class: 'tight', frames: 1 } });
    await gateway.until(() => came().length === 3, 'a third');
    await one.ping();
    t.same(came(), ['a', 'b', 'c'], 'no more than there is credit for');
    socket.send({ kind: Kind.credit, credit: { class: 'tight', frames: 9 } });
    await one.flushed();
    await gateway.until(() => came().length === 5, 'all');
  });

  t.test(`CLIENT-8 a goaway moves the client to where it says, resuming (${subprotocol})`, async (t) => {
    const other = await ScriptedGateway.start();
    t.teardown(() => other.stop());
    const { gateway, client } = await scripted(t, subprotocol);
    const one = client({ metadata: false });
    await one.connect();
    gateway.sockets[0]?.send({
      kind: Kind.goaway,
      goaway: { reconnectAfterMs: 1, reason: 'drain', url: other.signalUrl },
    });
    await other.until(() => other.sockets[0]?.received[0]?.join != null, 'a join at the other');
    t.match(other.sockets[0]?.received[0]?.join?.resume, { session: 's1' });
  });

  t.test(`CLIENT-9 a gateway that falls silent is given up after two heartbeats (${subprotocol})`, async (t) => {
    const { gateway, client } = await scripted(t, subprotocol, {
      heartbeatMs: 40,
      on: (_, frame) => frame.ping != null,
    });
    const one = client({ metadata: false });
    await one.connect();
    await gateway.until(() => gateway.on('/v1/signal').length > 1, 'another socket');
    t.ok(gateway.sockets[0]?.received.some((frame) => frame.ping != null));
  });
}

t.test('CLIENT-35 an encoding that the application hands in is the one spoken', async (t) => {
  const { gateway, client } = await scripted(t, 'json');
  await client({ encoding: protobufEncoding }).connect();
  t.equal(gateway.sockets[0]?.json, false);
});
