import { once } from 'node:events';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { decodeFrame, encodeFrame, isFrameError } from '../../schemas/frame-codec.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { connect } from '../client/sluice-client.ts';
import { DEMO_API_KEY, DEMO_SECRET } from '../config/demo-config.ts';
import { createAccessToken } from '../edge/access-token.ts';
import { DemoGateway, eventually } from './fixtures/demo-gateway.ts';

const WINDOW_BYTES = 65_536;
const FRAME_BYTES = 20_000;
const FRAMES = 40;
/** What messages hold beside the payload. */
const OVERHEAD_BYTES = 1000;
const ROOM = 'slow';

const tokenOf = (identity: string, kind: 'standard' | 'agent' = 'standard') =>
  createAccessToken({ apiKey: DEMO_API_KEY, secret: DEMO_SECRET, identity, kind });

/** A participant on one mixed socket, which can stop reading. */
class MixedReader {
  readonly #socket: WebSocket;
  /** What came, oldest first: the frame and the bytes of its message. */
  readonly came: { readonly frame: Frame; readonly bytes: number }[] = [];

  private constructor(socket: WebSocket, acks: boolean) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const frame = decodeFrame(new Uint8Array(data), false, true);
      if (isFrameError(frame)) throw new Error(frame.message);
      this.came.push({ frame, bytes: data.length });
      if (acks && frame.batch) this.send({ kind: Kind.ack, ack: { upTo: frame.batch.number ?? 0 } });
    });
  }

  static async join(t: Test, signalUrl: string, identity: string, acks: boolean): Promise<MixedReader> {
    const headers = { authorization: `Bearer ${await tokenOf(identity)}` };
    const socket = new WebSocket(signalUrl, 'sluice.v1.protobuf', { headers, perMessageDeflate: false });
    t.teardown(() => socket.terminate());
    const reader = new MixedReader(socket, acks);
    await once(socket, 'open');
    reader.send({ kind: Kind.join, join: { id: 1, room: ROOM, capabilities: ['mixed'] } });
    await eventually(() => reader.came.some(({ frame }) => frame.joined), `${identity} has joined`);
    return reader;
  }

  send(frame: Frame): void {
    this.#socket.send(encodeFrame(frame, false));
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readAgain(): void {
    this.#socket.resume();
  }

  /** The tool calls that came, in their order. */
  get calls(): string[] {
    return this.came.flatMap(({ frame }) => (frame.batch?.frames ?? []).flatMap((each) => each.toolCall?.call ?? []));
  }

  /** Bytes of metadata that came before the first frame that `holds` is about. */
  bytesBefore(holds: (frame: Frame) => boolean): number {
    const at = this.came.findIndex(({ frame }) => holds(frame));
    return this.came.slice(0, at).reduce((sum, { frame, bytes }) => sum + (frame.batch ? bytes : 0), 0);
  }
}

const isPong = (frame: Frame): boolean => frame.pong != null;
const isNewcomer = (frame: Frame): boolean => frame.participant?.identity === 'newcomer';

t.test(
  'CTRL-45 a mixed socket that stopped reading gets the signalling of that time before what metadata waits',
  async (t) => {
    const { signalUrl } = await DemoGateway.start(t, `limits.unackedBytes=${WINDOW_BYTES}`);
    const slow = await MixedReader.join(t, signalUrl, 'slow', true);
    const deaf = await MixedReader.join(t, signalUrl, 'never-acknowledges', false);
    const prompt = await MixedReader.join(t, signalUrl, 'prompt', true);
    const agent = await connect({ signalUrl, room: ROOM, accessToken: await tokenOf('agent', 'agent') });
    t.teardown(() => agent.close());
    const call = (name: string, bytes: number) =>
      agent.publish({
        kind: Kind.toolCall,
        toolCall: { messageId: name, call: name, turn: 'turn', payload: new Uint8Array(bytes) },
      });
    call('first', 1);
    const readers = [slow, deaf, prompt];
    await eventually(() => readers.every(({ calls }) => calls.includes('first')), 'all receive, and two acknowledge');

    for (const reader of [slow, deaf]) {
      reader.stopReading();
      reader.came.length = 0;
    }
    for (let index = 0; index < FRAMES; index++) {
      call(`${index}`, FRAME_BYTES);
      // One by one: what leaves a room at one time leaves whole.
      await eventually(() => prompt.calls.length === index + 2, 'who reads has it');
    }
    for (const reader of [slow, deaf]) reader.send({ kind: Kind.ping, ping: { id: 2, sentMs: 1 } });
    const newcomer = await connect({ signalUrl, room: ROOM, accessToken: await tokenOf('newcomer'), metadata: false });
    await eventually(() => prompt.came.some(({ frame }) => isNewcomer(frame)), 'who reads is told of the newcomer');

    for (const reader of [slow, deaf]) reader.readAgain();
    await eventually(() => slow.calls.length >= FRAMES, 'the backlog');
    t.strictSame(
      slow.calls,
      Array.from({ length: FRAMES }, (_, index) => `${index}`),
      'once, whole and in order',
    );
    for (const [what, holds] of Object.entries({ isPong, isNewcomer })) {
      const before = slow.bytesBefore(holds);
      t.ok(before < WINDOW_BYTES + FRAME_BYTES + OVERHEAD_BYTES, `${what}: ${before} bytes of metadata came first`);
    }
    await eventually(() => deaf.calls.length >= FRAMES, 'the backlog of who does not acknowledge');
    const without = deaf.bytesBefore(isPong);
    t.ok(
      without > 2 * (WINDOW_BYTES + FRAME_BYTES),
      `that is the window's doing: without it ${without} bytes came first`,
    );
    await newcomer.leave();
  },
);
