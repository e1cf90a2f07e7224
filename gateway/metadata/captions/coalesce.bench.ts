/**
 * Nanoseconds that coalescing a caption costs, once it has been walked and admitted: the way from a walked frame to its
 * place in the room, without classes, buckets and sockets (`gateway/metadata/intake/ingest.bench.ts` has those):
 * `node gateway/metadata/captions/coalesce.bench.ts`.
 *
 * Frames are walked anew for each call, as the room reads the walk's findings; what walking alone costs is measured between
 * rounds and taken off. Best of several rounds; the room is emptied between them, outside the measured time.
 */
import { AdmissionHierarchy } from '../../../classes/admission-hierarchy.ts';
import { ClassTables } from '../../../classes/frame-classifier.ts';
import { Principal } from '../../../classes/rule-table.ts';
import { encodeBinaryFrame } from '../../../schemas/frame-codec.ts';
import { WalkResult } from '../../../schemas/frame-walk.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Caption } from '../../../schemas/proto.ts';
import { DEFAULT_POLICY } from '../../config/default-policy.ts';
import { RoomUnderTest } from '../fixtures/room-under-test.ts';
import { Arrival } from '../rooms/arrival.ts';
import { Publisher, refusalsFor } from '../rooms/publisher.ts';
import { QUEUED } from '../rooms/room-parts.ts';

const ROUNDS = 80;
const CALLS = 4000;
/** Streams and segments that captions fall to in turn, so that they are looked for. */
const STREAMS = 8;
const WORD = 'done ';

const { room } = new RoomUnderTest({ unackedBytes: 1e9, roomLogBytes: 1e9 });
const admission = new AdmissionHierarchy(DEFAULT_POLICY);
const publisher = new Publisher({
  identity: 'captioner',
  node: '',
  trusted: false,
  bucketRow: admission.open({ tenant: 'acme', identity: 'captioner', room: 'standup' }),
  refusals: refusalsFor('agent', true),
  classifier: new ClassTables(DEFAULT_POLICY).sender(Principal.agent, 'acme'),
  policy: DEFAULT_POLICY,
});
const moment = { nowMs: 1, ts: 1 };
const classIndex = publisher.classifier.classOf(Kind.caption);
const arrival = new Arrival();

const said = (index: number, more: Caption): Buffer =>
  Buffer.from(
    encodeBinaryFrame({
      kind: Kind.caption,
      caption: { stream: `standup/${index % STREAMS}`, segment: 12, speaker: 'slt', lang: 'en', ...more },
    }),
  );
const calls = Array.from({ length: CALLS }, (_, index) => index);
const LONG = 'so the migration is done '.repeat(8);

console.log(`captions of ${STREAMS} streams in turn, best of ${ROUNDS} rounds of ${CALLS}`);
measure('takes the place of an interim', QUEUED, (index) => ({ revision: index, text: `so it is done, ${index}` }));
measure('the same with 200 bytes of text', QUEUED, (index) => ({ revision: index, text: LONG }));
measure('older than what is there', Outcome.merged, (index) => ({
  revision: index < STREAMS ? CALLS : index,
  text: `so it is done, ${index}`,
}));
measure('appended to its text', QUEUED, (index) => ({
  mode: 1,
  offset: Math.floor(index / STREAMS) * WORD.length,
  text: WORD,
}));

/** Prints what placing the captions costs, all of which but the first of each stream must end in `outcome`. */
function measure(name: string, outcome: number, captionOf: (index: number) => Caption): void {
  const frames = calls.map((index) => said(index, captionOf(index)));
  let [walked, placed] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS; round++) {
    walked = Math.min(
      walked,
      nsOf(frames, () => outcome, outcome),
    );
    placed = Math.min(
      placed,
      nsOf(frames, () => room.admit(arrival), outcome),
    );
    room.expire(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, moment);
  }
  const figures = `${(placed - walked).toFixed(0).padStart(5)} ns, and ${walked.toFixed(0)} ns to walk it`;
  console.log(`${name.padEnd(34)}${figures}`);
}

function nsOf(frames: readonly Buffer[], place: () => number, outcome: number): number {
  let others = 0;
  const startMs = performance.now();
  for (const bytes of frames) {
    const { walk } = arrival.of(publisher, bytes, classIndex, moment);
    const sound = walk.frame(bytes, 0, bytes.length) === WalkResult.ok && walk.payload(bytes) === WalkResult.ok;
    if (!sound || place() !== outcome) others++;
  }
  const ns = ((performance.now() - startMs) * 1e6) / frames.length;
  if (others > STREAMS) throw new Error(`${others} captions ended otherwise than in ${outcome}`);
  return ns;
}
