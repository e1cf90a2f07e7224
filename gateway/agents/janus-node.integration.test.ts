import t, { type Test } from 'tap';
import type { NodeReply } from '../../schemas/proto.ts';
import { type JanusRequest, ScriptedJanus } from './fixtures/scripted-janus.ts';
import { SmallControl, SmallMetadata } from './fixtures/small-gateway.ts';
import { until } from './fixtures/until.ts';
import { startJanusNode } from './janus-node.ts';

const RIGHTS = { canPublish: true, canSubscribe: true, canPublishData: true, hidden: false };
const OFFER =
  'v=0\r\na=fingerprint:sha-256 AA\r\nm=audio 9 x 111\r\na=mid:0\r\na=msid:s mic\r\nm=video 9 x 96\r\na=mid:1\r\na=msid:s cam\r\n';
const ANSWER = 'v=0\r\nanswer\r\n';
const JANUS_OFFER = 'v=0\r\nm=audio 9 x 111\r\na=mid:0\r\na=msid:janus janus0\r\n';

interface World {
  readonly janus: ScriptedJanus;
  readonly control: SmallControl;
  open(session: string, room?: string, tenant?: string): Promise<NodeReply>;
  /** Sends a command and waits for its reply. */
  ask(command: Parameters<SmallControl['command']>[0]): Promise<NodeReply>;
}

/** A videoroom in which `feeds` publish audio. */
function videoroom(feeds: readonly { id: number; display: string }[]) {
  return ({ body, jsep }: JanusRequest) => {
    const publishers = feeds.map((feed) => ({ ...feed, streams: [{ type: 'audio', mid: '0' }] }));
    if (body?.request === 'join' && body.ptype === 'publisher')
      return { data: { videoroom: 'joined', id: 1, publishers } };
    if (body?.request === 'join' || body?.request === 'subscribe') {
      const streams = feeds.map(({ id, display }, index) => {
        return { mid: String(index), type: 'audio', active: true, feed_id: id, feed_mid: '0', feed_display: display };
      });
      const videoroom = body.request === 'join' ? 'attached' : 'updated';
      return { data: { videoroom, streams }, jsep: { type: 'offer', sdp: JANUS_OFFER } };
    }
    if (jsep?.type === 'offer') return { data: { videoroom: 'event' }, jsep: { type: 'answer', sdp: ANSWER } };
    return { data: { videoroom: 'event' } };
  };
}

async function world(t: Test): Promise<World> {
  const janus = await new ScriptedJanus().start();
  janus.answer = videoroom([]);
  const control = await new SmallControl().start();
  const metadata = await new SmallMetadata().start();
  const log: string[] = [];
  const node = startJanusNode({
    janus: janus.url,
    control: control.address,
    metadata: metadata.address,
    nodeId: 'janus',
    log: (line) => log.push(line),
  });
  t.teardown(async () => {
    await node.stop();
    control.stop();
    metadata.stop();
    await janus.kill();
  });
  await until('the node is attached', () => control.streams.length === 1);
  const ask: World['ask'] = async (command) => {
    const number = control.command(command);
    await until('a reply', () => control.replies.some((reply) => reply.command === number));
    return control.replies.find((reply) => reply.command === number)!;
  };
  return {
    janus,
    control,
    ask,
    open: (session, room = 'hall', tenant = 'demo') =>
      ask({ open: { session, tenant, room, identity: session, rights: RIGHTS, metadataAddress: '' } }),
  };
}

const offers = (control: SmallControl) => control.messages.flatMap(({ offer }) => (offer ? [offer] : []));
const candidates = (control: SmallControl) =>
  control.messages.flatMap(({ candidate }) => (candidate ? [candidate.candidate] : []));

t.test('NODE-40 an offer is published and answered by the event of its transaction, not by its ack', async (t) => {
  const { janus, control, ask, open } = await world(t);
  t.notOk((await open('ann')).error);
  t.equal(janus.asked('create').length, 1);
  let asked: JanusRequest | null = null;
  janus.answer = (request) => {
    if (request.body?.request !== 'publish') return { data: {} };
    asked = request;
    // Before the answer, as Janus does.
    janus.trickle(request.handle_id!, { candidate: 'candidate:1 1 udp 1 127.0.0.1 1 typ host', sdpMid: '0' });
    janus.trickle(request.handle_id!, { completed: true });
    return { data: { videoroom: 'event' }, jsep: { type: 'answer', sdp: ANSWER } };
  };
  const reply = await ask({ offer: { session: 'ann', connection: 'publish', offerId: 'o1', sdp: OFFER } });
  t.match(reply.answer, { session: 'ann', connection: 'publish', offerId: 'o1', sdp: ANSWER });
  t.match(asked, { jsep: { type: 'offer', sdp: OFFER } });
  await until('both candidates', () => candidates(control).length === 2);
  t.strictSame(candidates(control), ['candidate:1 1 udp 1 127.0.0.1 1 typ host', '']);
  const order = control.messages.flatMap(({ reply, candidate }) =>
    reply?.answer ? ['answer'] : candidate ? ['candidate'] : [],
  );
  t.strictSame(order, ['answer', 'candidate', 'candidate'], 'in this order');
  control.command({
    candidate: { session: 'ann', connection: 'publish', candidate: 'c', sdpMid: '1', sdpMLineIndex: 1 },
  });
  control.command({ candidate: { session: 'ann', connection: 'publish', candidate: '' } });
  await until('both are passed on', () => janus.trickled().length === 2);
  t.strictSame(
    janus.trickled().map(({ candidate }) => candidate),
    [{ candidate: 'c', sdpMid: '1', sdpMLineIndex: 1 }, { completed: true }],
  );
});

t.test(
  'NODE-41 errors of the videoroom come as events and refuse the command; a room that exists is none',
  async (t) => {
    const { janus, ask, open } = await world(t);
    const room = videoroom([]);
    janus.answer = (request) =>
      request.body?.request === 'create'
        ? { data: { videoroom: 'event', error_code: 427, error: 'exists' } }
        : room(request);
    t.notOk((await open('ann')).error);
    janus.answer = () => ({ data: { videoroom: 'event', error_code: 437, error: 'no such codec' } });
    const reply = await ask({ offer: { session: 'ann', connection: 'publish', offerId: 'o1', sdp: OFFER } });
    t.equal(reply.reason, 'bad_sdp');
    t.match(reply.error, /no such codec/);
    const stranger = await ask({ mute: { session: 'bob', track: '0', muted: true } });
    t.equal(stranger.reason, 'unknown_session');
  },
);

t.test('NODE-42 Janus offers what others send, one offer at a time, and re-offers when one leaves', async (t) => {
  const { janus, control, ask, open } = await world(t);
  janus.answer = videoroom([{ id: 11, display: 'bob' }]);
  await open('ann');
  await until('an offer', () => offers(control).length === 1);
  const [first] = offers(control);
  t.match(first, { session: 'ann', connection: 'subscribe:*', sdp: /a=msid:bob janus0/ });
  const publisher = janus.asked('join').find(({ body }) => body?.ptype === 'publisher')!.handle_id!;
  const subscriber = janus.asked('join').find(({ body }) => body?.ptype === 'subscriber')!.handle_id!;
  janus.answer = videoroom([
    { id: 11, display: 'bob' },
    { id: 12, display: 'eve' },
  ]);
  const eve = { id: 12, display: 'eve', streams: [{ type: 'audio', mid: '0' }] };
  janus.event(publisher, { data: { videoroom: 'event', publishers: [eve] } });
  await ask({ answer: { session: 'ann', connection: 'subscribe:*', offerId: first!.offerId!, sdp: ANSWER } });
  await until('the next offer', () => offers(control).length === 2);
  t.match(janus.asked('start')[0], { handle_id: subscriber, jsep: { type: 'answer', sdp: ANSWER } });
  const [subscribe] = janus.asked('subscribe');
  t.strictSame(subscribe?.body?.streams, [{ feed: 12, mid: '0' }]);
  const [start] = janus.asked('start');
  t.ok(janus.requests.indexOf(subscribe!) > janus.requests.indexOf(start!), 'asked for once the first was answered');
  await ask({
    answer: { session: 'ann', connection: 'subscribe:*', offerId: offers(control)[1]!.offerId!, sdp: ANSWER },
  });
  janus.event(publisher, { data: { videoroom: 'event', leaving: 12 } });
  const streams = [{ mid: '0', type: 'audio', active: true, feed_id: 11, feed_mid: '0', feed_display: 'bob' }];
  janus.event(subscriber, { data: { videoroom: 'updated', streams }, jsep: { type: 'offer', sdp: JANUS_OFFER } });
  await until('the offer made unasked', () => offers(control).length === 3);
  await ask({
    answer: { session: 'ann', connection: 'subscribe:*', offerId: offers(control)[2]!.offerId!, sdp: ANSWER },
  });
  t.equal(janus.asked('start').length, 3, 'it is answered too');
  t.equal(new Set(offers(control).map(({ offerId }) => offerId)).size, 3);
});

t.test('NODE-43 mute configures the track at Janus, by its mid, id or kind', async (t) => {
  const { janus, ask, open } = await world(t);
  await open('ann');
  await ask({ offer: { session: 'ann', connection: 'publish', offerId: 'o1', sdp: OFFER } });
  for (const track of ['1', 'cam', 'video']) {
    t.notOk((await ask({ mute: { session: 'ann', track, muted: true } })).error);
    t.strictSame(janus.asked('configure').at(-1)?.body?.streams, [{ mid: '1', send: false }]);
  }
  await ask({ mute: { session: 'ann', track: '1', muted: false } });
  t.strictSame(janus.asked('configure').at(-1)?.body?.streams, [{ mid: '1', send: true }]);
  t.equal((await ask({ mute: { session: 'ann', track: '5', muted: true } })).reason, 'unknown_track');
});

t.test('NODE-44 a closed session gives its handles back, and the last one takes the room down', async (t) => {
  const { janus, ask, open } = await world(t);
  await open('ann');
  await open('bob');
  await open('cyd', 'hall', 'other');
  const rooms = janus.asked('join').map(({ body }) => body?.room);
  t.equal(rooms[0], rooms[1]);
  t.not(rooms[0], rooms[2], 'equal names of two tenants are two rooms');
  const before = janus.handles.size;
  await ask({ close: { session: 'ann' } });
  t.equal(janus.handles.size, before - 1);
  t.equal(janus.asked('destroy').length, 0);
  await ask({ close: { session: 'bob' } });
  t.strictSame(
    janus.asked('destroy').map(({ body }) => body?.room),
    [rooms[0]],
  );
});

t.test('NODE-45 without Janus the node is not there; when Janus is back, so is the node', async (t) => {
  const { janus, control, open } = await world(t);
  await open('ann');
  const attached = control.attached;
  let ended = false;
  control.streams[0]!.on('end', () => {
    ended = true;
  });
  await janus.kill();
  await until('its stream has ended', () => ended);
  t.equal(control.attached, attached, 'it does not come back by itself');
  await janus.start();
  await until('it is back', () => control.attached === attached + 1);
  t.notOk((await open('ann')).error, 'and begins afresh');
});

t.test(
  'NODE-46 the next offer of a connection reconfigures it; that of another one begins on a handle of its own',
  async (t) => {
    const { janus, ask, open } = await world(t);
    await open('ann');
    const offer = (sdp: string) => ask({ offer: { session: 'ann', connection: 'publish', offerId: 'o', sdp } });
    await offer(OFFER);
    const [first] = janus.asked('publish');
    await offer(OFFER);
    t.equal(janus.asked('configure').at(-1)?.handle_id, first?.handle_id);
    t.equal(janus.asked('publish').length, 1);
    const reply = await offer(OFFER.replace('sha-256 AA', 'sha-256 BB'));
    t.equal(reply.answer?.sdp, ANSWER);
    const second = janus.asked('publish').at(-1);
    t.not(second?.handle_id, first?.handle_id);
    t.notOk(janus.handles.has(first!.handle_id!), 'the old one is given back');
    t.ok(janus.handles.has(second!.handle_id!));
  },
);
