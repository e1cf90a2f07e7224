/**
 * Nanoseconds per call of everything that reads or writes a frame, on one caption: `node schemas/frame.bench.ts`.
 * Figures are the best of several rounds on this machine; compare them with each other, not with another machine's.
 */
import { decodeFrame, encodeFrame } from './frame-codec.ts';
import { peekFrame } from './frame-peek.ts';
import { FrameWalk } from './frame-walk.ts';
import { mayHoldFinal, peekJsonFrame } from './json-peek.ts';
import { Kind } from './kinds.ts';
import { type Frame, proto } from './proto.ts';

const ROUNDS = 7;
const CALLS = 40_000;

const frame: Frame = {
  kind: Kind.caption,
  caption: {
    stream: 'standup/slt',
    segment: 12,
    revision: 7,
    text: 'so the migration is done',
    speaker: 'slt',
    lang: 'en',
  },
};
const binary = Buffer.from(encodeFrame(frame, false) as Uint8Array);
const text = encodeFrame(frame, true) as string;
const json = Buffer.from(text);
const walk = new FrameWalk();
const decoded = decodeFrame(binary, false) as Frame;

/** What the calls return ends here, so that none can be optimised away. */
let sink: unknown;

const cases: Readonly<Record<string, () => unknown>> = {
  'binary peek': () => peekFrame(binary, 0, binary.length),
  'binary walk': () => walk.frame(binary, 0, binary.length) + walk.payload(binary),
  'protobufjs decode': () => proto.Frame.decode(binary),
  'binary decodeFrame': () => decodeFrame(binary, false),
  'binary encodeFrame': () => encodeFrame(decoded, false),
  'JSON peek': () => peekJsonFrame(json),
  'JSON search for final': () => mayHoldFinal(json),
  'JSON.parse': () => JSON.parse(text),
  'JSON decodeFrame': () => decodeFrame(json, true),
  'JSON.stringify': () => JSON.stringify(decoded),
  'JSON encodeFrame': () => encodeFrame(decoded, true),
};

console.log(`one caption: ${binary.length} bytes in protobuf, ${json.length} in JSON`);
for (const [name, call] of Object.entries(cases)) {
  console.log(`${name.padEnd(24)}${bestNs(call).toFixed(0).padStart(8)} ns`);
}
if (sink === cases) console.log(sink);

function bestNs(call: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    for (let index = 0; index < CALLS; index++) sink = call();
    best = Math.min(best, ((performance.now() - startMs) * 1e6) / CALLS);
  }
  return best;
}
