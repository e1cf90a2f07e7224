/**
 * The client library against the recorded frames, in Node and in Chromium, in both subprotocols: what a gateway says is
 * told as documented, and what a client may say is said as recorded.
 */
import t from 'tap';
import { KIND_NAMES, KIND_USES, KindUse } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { ConnectOptions } from './client-types.ts';
import { ChromiumFixture } from './fixtures/chromium.ts';
import type { Call, Told } from './fixtures/client-driver.ts';
import { type Driven, drivenHere, drivenIn } from './fixtures/driven.ts';
import { batchOf, GOLDENS, goldenOf, messageOf, noted } from './fixtures/golden.ts';
import { ScriptedGateway, type ScriptedSocket, type ScriptOptions } from './fixtures/scripted-gateway.ts';
import type { Subprotocol } from './frame-encoding.ts';

t.setTimeout(300_000);

const METADATA = '/v1/metadata';

/** Frames that answer nothing, on the signalling socket: the event each is told as. */
const SIGNAL_EVENTS: Readonly<Record<string, Told>> = {
  participant: ['participant', { identity: 'bot', state: 'left', name: 'Bot', kind: 'agent' }],
  'offer, from the gateway': ['offer', { connection: 'peer:ben', offerId: 'o-2', sdp: 'v=0\r\n' }],
  offer: ['offer', { connection: 'publish', offerId: 'o-1', sdp: 'v=0\r\n' }],
  answer: ['answer', { connection: 'subscribe:*', offerId: 'o-2', sdp: 'v=0\r\n' }],
  candidate: [
    'candidate',
    {
      connection: 'publish',
      candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host',
      sdpMid: '0',
      sdpMLineIndex: 0,
    },
  ],
  'candidate, the end of them': ['candidate', { connection: 'publish', candidate: '', sdpMid: '' }],
  'error, of no request': ['error', { code: 400, reason: 'badFrame', message: 'caption.segment: expected an integer' }],
  goaway: ['goaway', { reason: 'draining', reconnectAfterMs: 700 }],
};

/** The same on the metadata socket. */
const METADATA_EVENTS: Readonly<Record<string, Told>> = {
  credit: ['credit', { class: 'captions', frames: 30 }],
  throttled: ['throttled', { class: 'captions', dropped: 12, retryAfterMs: 400, message: 'use /v1/metadata' }],
  advice: ['advice', { level: 2, actions: ['reduceFrequency', 'bypassOnPath'] }],
};

/** Frames that are seen by what the client does: each has its own lines in a course below. */
const BY_EFFECT = [
  'welcome',
  'welcome, on the metadata socket',
  'welcome, with the classes of kinds',
  'joined',
  'joined, with metadata on the same socket',
  'ok',
  'error',
  'pong',
  'accepted',
  'batch',
];

/** Requests by number from 4 on, as one client makes them. `sentMs` is what its clock says. */
const REQUESTS: readonly (readonly [golden: string, call: Call, sentMs?: number])[] = [
  ['offer', ['offer', 'publish', 'v=0\r\n', 'o-1']],
  ['answer', ['answer', { connection: 'subscribe:*', offerId: 'o-2', sdp: '' }, 'v=0\r\n']],
  ['candidate', ['candidate', SIGNAL_EVENTS.candidate![1]]],
  ['candidate, the end of them', ['candidate', SIGNAL_EVENTS['candidate, the end of them']![1]]],
  ['mute', ['mute', 'mic', true]],
  [
    'subscribe',
    ['subscribe', { kinds: ['caption', 'agentTurn'], speakers: ['ann'], langs: ['en', 'de'], focus: ['ann'] }],
  ],
  ['unsubscribe', ['unsubscribe', { kinds: ['gauge'] }]],
  ['request', ['request', { feature: 'assistant', workflow: 'summary', payload: 'eyJhc2siOjF9', deadlineMs: 1500 }]],
  ['cancel', ['cancel', 11]],
  ['interrupt', ['interrupt', 't-1']],
  ['feature', ['feature', 'captions', true]],
  [
    'stats',
    ['stats', { rttMs: 12.5, jitterMs: 0, lossRatio: 0.01, framesDropped: 3, connectMs: 90, firstMediaMs: 140 }],
  ],
  ['accessToken', ['renew', 'e30.e30.c2ln']],
  ['ping', ['ping'], 1_700_000_000_000.25],
];

const isMetadata = (name: string) => (KIND_USES[goldenOf(name).frame.kind]! & KindUse.metadata) !== 0;
/** What only the gateway sets. */
const isStamped = (name: string) =>
  ['from', 'node', 'ts', 'seq', 'class'].some((field) => field in goldenOf(name).frame);
const METADATA_FRAMES = Object.keys(GOLDENS).filter(isMetadata);
const PUBLISHED = METADATA_FRAMES.filter((name) => !isStamped(name));
/** What a client says outside of requests and publishing, by the course that has it say so. */
const SAID_ELSEWHERE = ['join', 'join, as little as possible', 'leave', 'attach', 'ack', 'batch, from a client'];

t.test('CLIENT-37 the courses below leave no recorded frame out', async (t) => {
  const heard = [...Object.keys(SIGNAL_EVENTS), ...Object.keys(METADATA_EVENTS), ...BY_EFFECT, ...METADATA_FRAMES];
  const said = [...REQUESTS.map(([name]) => name), ...SAID_ELSEWHERE, ...PUBLISHED];
  const uses = (name: string) => KIND_USES[goldenOf(name).frame.kind]!;
  for (const name of Object.keys(GOLDENS)) {
    const both = KindUse.serverSignal | KindUse.serverMetadata | KindUse.metadata;
    const fromGateway = (uses(name) & both) !== 0 && name !== 'batch, from a client';
    const server = isStamped(name) || 'number' in ((goldenOf(name).frame.batch ?? {}) as object);
    const fromClient =
      (uses(name) & (KindUse.clientSignal | KindUse.clientMetadata | KindUse.metadata)) !== 0 && !server;
    t.equal(heard.includes(name), fromGateway, `${name}: ${fromGateway ? 'is' : 'is not'} heard`);
    t.equal(said.includes(name), fromClient, `${name}: ${fromClient ? 'is' : 'is not'} said`);
  }
});

/** A scripted gateway and a driven client of it, which ends with the test. */
async function between(
  t: Tap,
  driven: Driven,
  subprotocol: Subprotocol,
  script: ScriptOptions,
  more: Partial<ConnectOptions>,
) {
  const gateway = await ScriptedGateway.start(script);
  t.teardown(async () => {
    await driven.call(['close']);
    await gateway.stop();
  });
  const signalUrl = gateway.signalUrl;
  await driven.create({ signalUrl, accessToken: 'jwt.of.mine', room: 'standup', subprotocol, ...more });
  const connected = await driven.call(['connect']);
  if ('error' in connected) throw new Error(JSON.stringify(connected));
  return { gateway, connected: connected.value };
}
type Tap = { teardown(end: () => Promise<void>): void };

/** Sends a recorded frame as it is. */
function say(socket: ScriptedSocket, name: string): void {
  socket.socket.send(messageOf(name, socket.json ? 'json' : 'protobuf'));
}

/** Waits for the attached metadata socket. */
async function attached(gateway: ScriptedGateway, index = 0): Promise<ScriptedSocket> {
  await gateway.until(() => gateway.on(METADATA)[index]?.received[0]?.attach != null, 'attach');
  return gateway.on(METADATA)[index]!;
}

/** The joined of a session by name, whatever the client resumes. */
function joins(session: string, resumeToken: string): NonNullable<ScriptOptions['on']> {
  return (socket, frame) => {
    if (!frame.join) return false;
    const metadataUrl = `ws://${socket.host}${METADATA}`;
    socket.send({ kind: 17, joined: { id: frame.join.id ?? 0, room: 'standup', metadataUrl, session, resumeToken } });
    return true;
  };
}

function courses(t: typeof import('tap').default, where: string, driven: Driven, subprotocol: Subprotocol): void {
  const told = (all: Told[], name: string) => all.filter(([one]) => one === name).map(([, event]) => event);
  const how = `(${where}, ${subprotocol})`;

  t.test(`CLIENT-37 what a gateway says on the signalling socket is told ${how}`, async (t) => {
    const replies: Record<string, string> = { join: 'joined', mute: 'ok', subscribe: 'error' };
    const { gateway, connected } = await between(
      t,
      driven,
      subprotocol,
      {
        greet: (socket) => say(socket, 'welcome'),
        on: (socket, frame) => {
          const reply = frame.ping?.id === 16 ? 'pong' : replies[KIND_NAMES[frame.kind ?? 0] ?? ''];
          if (reply !== undefined) say(socket, reply);
          return reply !== undefined;
        },
      },
      { metadata: false },
    );
    const iceServers = [
      { urls: ['stun:stun.example:3478'], username: '', credential: '' },
      { urls: ['turn:turn.example'], username: 'u', credential: 'c' },
    ];
    const before = await driven.told();
    t.same(told(before, 'welcome'), [{ session: 's-82', heartbeatMs: 15_000, iceServers }]);
    const joined = {
      session: 's-82',
      room: 'standup',
      resumed: true,
      participants: [
        { identity: 'ben', state: 'joined', name: 'Ben', kind: 'standard' },
        { identity: 'bot', state: 'away', name: '', kind: 'agent' },
      ],
      budgets: { captions: { ratePerSecond: 30, burst: 60 } },
      features: { captions: true },
    };
    t.same(told(before, 'joined'), [joined]);
    t.same(connected, joined);
    t.same(await driven.call(['.resumePoint']), { value: { session: 's-82', resumeToken: 'r-84', lastSeq: 1 } });
    for (let id = 2; id < 8; id++) await driven.call(['ping']);
    t.same(await driven.call(['mute', 'mic', true]), { value: null }, 'ok');
    const error = { code: 429, reason: 'overCapacity', message: 'the gateway is full', retryAfterMs: 2000 };
    t.same(await driven.call(['subscribe', {}]), { error }, 'error');
    for (let id = 10; id < 16; id++) await driven.call(['ping']);
    t.match(await driven.call(['ping']), { value: Number }, 'pong');
    await driven.told();
    for (const name of Object.keys(SIGNAL_EVENTS)) say(gateway.sockets[0]!, name);
    const heard = (await driven.until('goaway')).filter(([name]) => name !== 'state');
    t.same(heard, Object.values(SIGNAL_EVENTS));
  });

  t.test(`CLIENT-37 what a gateway says on the metadata socket is told ${how}`, async (t) => {
    const { gateway } = await between(
      t,
      driven,
      subprotocol,
      { classes: { caption: 'captions' }, credits: { captions: 0 } },
      {},
    );
    const socket = await attached(gateway);
    await driven.until('metadataState');
    const caption = { kind: 64, caption: { stream: 'mic' } };
    t.same(await driven.call(['publish', caption]), { value: 'waiting' });
    for (const name of Object.keys(METADATA_EVENTS)) say(socket, name);
    t.same(await driven.until('advice'), Object.values(METADATA_EVENTS));
    await gateway.until(() => socket.received.some(({ kind }) => kind === 64), 'the caption leaves with the credit');

    say(socket, 'batch');
    const { frames } = goldenOf('batch').frame.batch as { frames: [unknown, unknown] };
    const heard = await driven.until('metadata', ({ kind }: { kind: number }) => kind === 66);
    t.match(heard, [
      ['metadata', frames[0]],
      ['caption', frames[0]],
      ['metadata', frames[1]],
    ]);
    await gateway.until(() => socket.received.some(({ ack }) => ack?.upTo === 19), 'the acknowledgement');

    socket.socket.send(batchOf(METADATA_FRAMES, 20, subprotocol));
    const last = goldenOf('custom').frame.kind;
    const all = told(await driven.until('metadata', ({ kind }: { kind: number }) => kind === last), 'metadata');
    t.equal(all.length, METADATA_FRAMES.length);
    METADATA_FRAMES.forEach((name, index) => {
      t.match(all[index], goldenOf(name).frame, name);
    });

    for (let pub = 0; pub < 5; pub++)
      await driven.call(['publish', { kind: 76, custom: { type: 'x' } }, { reliable: true }]);
    let flushed = false;
    const flush = driven.call(['flushed']).then(() => {
      flushed = true;
    });
    await gateway.until(() => socket.received.some(({ pub }) => pub === 5), 'all five');
    t.equal(flushed, false);
    say(socket, 'accepted');
    await flush;
    t.pass('accepted');
  });

  t.test(`CLIENT-37 a greeting's credits and classes are heeded ${how}`, async (t) => {
    const greeting = (name: string): ScriptOptions => ({
      greet: (socket) => {
        if (socket.path === METADATA) say(socket, name);
        else socket.send({ kind: 16, welcome: { session: 's1', resumeToken: 'r1' } });
      },
    });
    const gauge = (key: string) => ['publish', { kind: 67, gauge: { key: `k${key}` } }] as const;
    const name = 'welcome, on the metadata socket';
    await attached((await between(t, driven, subprotocol, greeting(name), {})).gateway);
    await driven.until('metadataState');
    for (let index = 0; index < 61; index++) {
      t.same(await driven.call(gauge(`${index}`)), { value: 'sent' }, 'it names no classes: nothing waits for credit');
    }
    await driven.call(['close']);

    const named = 'welcome, with the classes of kinds';
    await attached((await between(t, driven, subprotocol, greeting(named), {})).gateway);
    await driven.until('metadataState');
    const outcomes: unknown[] = [];
    for (let index = 0; index < 41; index++) outcomes.push(await driven.call(gauge(`${index}`)));
    t.same(outcomes, [...Array(40).fill({ value: 'sent' }), { value: 'waiting' }]);
    t.same(await driven.call(['publish', { kind: 64, caption: { stream: 's' } }]), { value: 'sent' });
    await driven.call(['close']);

    const mixed = 'joined, with metadata on the same socket';
    const answer: NonNullable<ScriptOptions['on']> = (socket, frame) => {
      if (frame.join) say(socket, mixed);
      return frame.join != null;
    };
    const { gateway } = await between(t, driven, subprotocol, { on: answer }, { capabilities: ['mixed'] });
    t.same(told(await driven.until('metadataState'), 'metadataState'), [{ state: 'mixed' }]);
    gateway.sockets[0]!.send({ kind: 36, credit: { class: 'speech', frames: 1 } });
    await driven.until('credit');
    const caption = (segment: number) => ['publish', { kind: 64, caption: { stream: 's', segment } }] as const;
    t.same(await driven.call(caption(0)), { value: 'sent' });
    t.same(await driven.call(caption(1)), { value: 'waiting' });
    t.same(await driven.call(gauge('k')), { value: 'sent' }, 'another class waits for nothing');
  });

  t.test(`CLIENT-38 requests are said as recorded ${how}`, async (t) => {
    const { gateway } = await between(t, driven, subprotocol, {}, { metadata: false });
    await driven.call(['ping']);
    await driven.call(['ping']);
    const socket = gateway.sockets[0]!;
    for (const [name, call, sentMs] of REQUESTS) {
      const before = socket.raw.length;
      const outcome = await driven.call(call, sentMs);
      t.notOk('error' in outcome, name, { outcome });
      await gateway.until(() => socket.raw.length > before, name);
      t.same(socket.raw.slice(before), [noted(name, subprotocol)], name);
    }
    await driven.call(['close']);

    const other = await between(t, driven, subprotocol, {}, { metadata: false });
    await driven.call(['ping']);
    await driven.call(['leave']);
    t.equal(other.gateway.sockets[0]!.raw[2], noted('leave', subprotocol));
  });

  t.test(`CLIENT-38 joins are said as recorded ${how}`, async (t) => {
    const resume = { session: 's-81', resumeToken: 'r-81', lastSeq: 41 };
    const more = { metadata: false, name: 'Ann', capabilities: ['mixed'], resume };
    const { gateway } = await between(t, driven, subprotocol, {}, more);
    t.equal(gateway.sockets[0]!.raw[0], noted('join', subprotocol));
    t.equal(gateway.sockets[0]!.query.get('resume'), '1', 'the handshake says that a session is resumed');
    await driven.call(['close']);

    const nameless: ScriptOptions = { greet: (socket) => socket.send({ kind: 16, welcome: {} }), on: joins('', '') };
    const again = await between(t, driven, subprotocol, nameless, { metadata: false });
    again.gateway.sockets[0]!.socket.close(4200);
    await again.gateway.until(() => again.gateway.sockets[1]?.raw[0] !== undefined, 'a second join');
    t.equal(again.gateway.sockets[1]!.raw[0], noted('join, as little as possible', subprotocol));
  });

  t.test(`CLIENT-38 the metadata socket's frames are said as recorded ${how}`, async (t) => {
    const { gateway } = await between(t, driven, subprotocol, { on: joins('s-83', 'r-83') }, {});
    const first = await attached(gateway);
    const batch = (number: number): Frame => ({ kind: 34, batch: { number, frames: [] } });
    first.send(batch(17));
    await gateway.until(() => first.received.some(({ ack }) => ack?.upTo === 17), 'an acknowledgement');
    first.socket.close(4200);
    const second = await attached(gateway, 1);
    second.send(batch(18));
    await gateway.until(() => second.raw.length === 2, 'another');
    t.same(second.raw, [noted('attach', subprotocol), noted('ack', subprotocol)]);

    for (const name of PUBLISHED) {
      const before = second.raw.length;
      t.same(await driven.call(['publish', goldenOf(name).frame, { reliable: false }]), { value: 'sent' });
      await gateway.until(() => second.raw.length > before, name);
      t.same(second.raw.slice(before), [noted(name, subprotocol)], name);
    }
    for (let pub = 1; pub < 5; pub++) await driven.call(['publish', { kind: 76, custom: {} }, { reliable: true }]);
    const before = second.raw.length;
    const { gauge } = goldenOf('gauge').frame;
    await driven.call(['publishTogether', [{ kind: 67, gauge }], { reliable: true }]);
    await gateway.until(() => second.raw.includes(noted('batch, from a client', subprotocol)), 'a batch');
    t.ok(before <= second.raw.indexOf(noted('batch, from a client', subprotocol)));
  });
}

/** What the tests of the client show in Node, where a browser's WebSocket and fetch might make a difference. */
function losses(t: typeof import('tap').default, where: string, driven: Driven, subprotocol: Subprotocol): void {
  const how = `(${where}, ${subprotocol})`;

  t.test(`CLIENT-3 a cut signalling socket is resumed, and repeated events are told once ${how}`, async (t) => {
    const { gateway } = await between(t, driven, subprotocol, {}, { metadata: false });
    say(gateway.sockets[0]!, 'participant');
    await driven.until('participant');
    gateway.sockets[0]!.socket.terminate();
    await driven.until('joined', ({ resumed }: { resumed: boolean }) => resumed);
    const again = gateway.sockets[1]!;
    t.match(again.received[0]?.join?.resume, { session: 's1', resumeToken: 'r1', lastSeq: 2 });
    say(again, 'participant');
    again.send({ kind: 18, seq: 3, participant: { identity: 'new' } });
    const told = await driven.until('participant');
    t.match(told, [['participant', { identity: 'new' }]]);
  });

  t.test(`CLIENT-6 where no metadata socket can be had, one mixed socket carries it ${how}`, async (t) => {
    const nowhere = await ScriptedGateway.start();
    const metadataUrl = `ws://${nowhere.host}${METADATA}`;
    await nowhere.stop();
    const { gateway } = await between(t, driven, subprotocol, { metadataUrl }, {});
    await driven.until('metadataState', ({ state }: { state: string }) => state === 'mixed');
    const mixed = gateway.sockets[1]!;
    t.match(mixed.received[0]?.join, { capabilities: ['mixed'], resume: { session: 's1' } });
    say(mixed, 'batch');
    await driven.until('caption');
    await gateway.until(() => mixed.received.some(({ ack }) => ack?.upTo === 19), 'an acknowledgement');
    await driven.call(['publish', goldenOf('feedback').frame]);
    await gateway.until(() => mixed.received.some(({ pub }) => pub === 1), 'what is published');
    t.equal(gateway.on(METADATA).length, 0);
  });
}

for (const subprotocol of ['json', 'protobuf'] as const) courses(t, 'Node', drivenHere(), subprotocol);

t.test('in Chromium', async (t) => {
  const browser = await ChromiumFixture.start(t);
  const driven = await drivenIn(browser);
  for (const subprotocol of ['json', 'protobuf'] as const) {
    courses(t as typeof import('tap').default, 'Chromium', driven, subprotocol);
    losses(t as typeof import('tap').default, 'Chromium', driven, subprotocol);
  }

  t.test('CLIENT-35 a page without protobufjs speaks JSON, and is told why not protobuf', async (t) => {
    const { page, requests } = await browser.driver(false);
    const gateway = await ScriptedGateway.start();
    t.teardown(() => gateway.stop());
    const connect = (more: Partial<ConnectOptions>) =>
      page.evaluate(
        (options) => {
          window.driveClient.create(options);
          return window.driveClient.call(['connect']);
        },
        { signalUrl: gateway.signalUrl, accessToken: 'jwt.of.mine', room: 'standup', ...more },
      );
    t.match(await connect({}), { value: { room: 'standup' } });
    await attached(gateway);
    t.same(
      gateway.sockets.map(({ json }) => json),
      [true, true],
      'JSON, where nothing else is asked for',
    );
    const foreign = () => requests.filter((path) => /protobuf|generated\/proto/.test(path));
    t.same(foreign(), []);
    t.match(await connect({ subprotocol: 'protobuf' }), {
      error: { reason: 'noEncoding', message: /json does without/ },
    });
    t.equal(gateway.sockets.length, 2, 'no socket was opened for it');
    t.ok(foreign().length > 0, 'it was looked for then');
  });
});
