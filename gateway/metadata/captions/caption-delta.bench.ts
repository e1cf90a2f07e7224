/**
 * Bytes a subscriber is sent of the recorded meetings, per subprotocol, with whole captions and with differences:
 * `node gateway/metadata/captions/caption-delta.bench.ts`. Played in one go, without sockets; the figures do not depend
 * on the machine.
 */
import { fileURLToPath } from 'node:url';
import { encodeFrame } from '../../../schemas/frame-codec.ts';
import type { Frame } from '../../../schemas/proto.ts';
import { type Fragment, readTrace } from '../../agents/trace-file.ts';
import { DEFAULT_POLICY } from '../../config/default-policy.ts';
import { final, interim } from '../fixtures/frames.ts';
import { FakeClient, RoomUnderTest } from '../fixtures/room-under-test.ts';

const MEETINGS = ['standup', 'support', 'lecture'];
const ROOMY = { unackedBytes: 1e9, roomLogBytes: 1e9 };
const STEP_MS = 5;

/** Counts what it is sent. */
class CountingClient extends FakeClient {
  bytes = 0;

  override send(message: Buffer): boolean {
    this.bytes += message.length;
    return super.send(message);
  }
}

console.log(
  `bytes to one subscriber, captions every ${DEFAULT_POLICY.tickMs} ms, keyframes ${DEFAULT_POLICY.keyframeMs}`,
);
console.log(
  row(['meeting', 'subprotocol', 'as published', 'coalesced', 'differences', 'saved', 'of them differences']),
);
for (const meeting of MEETINGS) {
  for (const json of [false, true]) console.log(row([meeting, json ? 'JSON' : 'binary', ...play(meeting, json)]));
}

/** Plays a meeting to two subscribers, one of whom takes differences. */
function play(meeting: string, json: boolean): string[] {
  const world = new RoomUnderTest(ROOMY, DEFAULT_POLICY);
  const whole = new CountingClient('whole', json);
  const less = new CountingClient('less', json, true);
  for (const client of [whole, less]) world.join(client);
  let uncoalesced = 0;
  for (const fragment of traceOf(meeting)) {
    while (world.nowMs < fragment.atMs + 1000) step(world, [whole, less]);
    const { stream, segment, revision, text, speaker } = fragment;
    const more = { speaker, lang: 'en', model: 'pocketsphinx', modelVersion: '1' };
    const frame: Frame = fragment.final
      ? final(stream, segment, text, { ...more, revision })
      : interim(stream, segment, revision, text, more);
    uncoalesced += encodeFrame(frame, json).length;
    world.publish(frame);
  }
  for (let round = 0; round < 100; round++) step(world, [whole, less]);
  if (whole.received.length !== less.received.length) throw new Error('they received different frames');
  whole.received.forEach(({ caption }, index) => {
    const got = less.received[index]?.caption;
    if (caption?.text !== got?.text || caption?.speaker !== got?.speaker)
      throw new Error('they received different texts');
  });
  const saved = 1 - less.bytes / whole.bytes;
  const differences = `${less.differences} of ${less.received.length}`;
  return [`${uncoalesced}`, `${whole.bytes}`, `${less.bytes}`, `${(saved * 100).toFixed(0)} %`, differences];
}

function step(world: RoomUnderTest, clients: readonly CountingClient[]): void {
  world.nowMs += STEP_MS;
  world.write(false);
  for (const client of clients) {
    client.receive(client.underWay.length);
    world.acknowledge(client);
  }
}

function traceOf(meeting: string): Fragment[] {
  return readTrace(fileURLToPath(new URL(`../../agents/traces/${meeting}.jsonl`, import.meta.url)));
}

function row(cells: readonly string[]): string {
  return cells.map((cell, index) => (index < 2 ? cell.padEnd(12) : cell.padStart(15))).join('');
}
