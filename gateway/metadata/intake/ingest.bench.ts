/**
 * Nanoseconds a frame costs from the plane's receiving it to its place in the room, without sockets:
 * `node gateway/metadata/intake/ingest.bench.ts`. Best of several rounds; compare the lines with each other.
 *
 * The room is flushed between rounds, outside the measured time.
 */

import { AdmissionHierarchy } from '../../../classes/admission-hierarchy.ts';
import { ClassTables } from '../../../classes/frame-classifier.ts';
import { Principal } from '../../../classes/rule-table.ts';
import { encodeBinaryFrame } from '../../../schemas/frame-codec.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { OUTCOMES } from '../../../schemas/metric-names.ts';
import type { Frame } from '../../../schemas/proto.ts';
import { DEFAULT_POLICY } from '../../config/default-policy.ts';
import { PlaneCounters } from '../../telemetry/plane-counters.ts';
import { Publisher, refusalsFor } from '../rooms/publisher.ts';
import { Room } from '../rooms/room.ts';
import { MetadataSession, type Outlet } from '../sessions/metadata-session.ts';
import { Ingest } from './ingest.ts';
import { Notices } from './notices.ts';
import { OverloadGate } from './overload-gate.ts';
import { ShadowTrial } from './shadow-trial.ts';

const ROUNDS = 60;
const CALLS = 5000;
/** Wide enough that nothing is refused. */
const ROOMY = 1e9;

const counters = new PlaneCounters(DEFAULT_POLICY.classes.map(({ name }) => name));
const admission = new AdmissionHierarchy(DEFAULT_POLICY);
const classes = new ClassTables(DEFAULT_POLICY);
const notices = new Notices(DEFAULT_POLICY, admission);
const overload = new OverloadGate(DEFAULT_POLICY, counters);
const trial = new ShadowTrial(DEFAULT_POLICY);
const ingest = new Ingest({ policy: DEFAULT_POLICY, admission, counters, notices, overload, trial }, () => {});
const moment = { nowMs: 1, ts: 1 };
const outlet: Outlet = {
  json: false,
  send: () => true,
  bufferedBytes: () => 0,
  tell: () => {},
  disconnect: () => {},
  cut: () => {},
  renew: () => Promise.resolve(null),
};

const captions = (segmentOf: (index: number) => number): Buffer[] =>
  Array.from({ length: CALLS }, (_, index) =>
    bytesOf({
      kind: Kind.caption,
      caption: {
        stream: 'standup/slt',
        segment: segmentOf(index),
        revision: index,
        text: `so the migration is done, number ${index}`,
        speaker: 'slt',
        lang: 'en',
      },
    }),
  );
const interims = captions(() => 12);
const segments = captions((index) => index);
const WORD = 'so the migration is done ';
const fragments = Array.from({ length: CALLS }, (_, index) =>
  bytesOf({
    kind: Kind.caption,
    caption: {
      ...{ stream: 'standup/slt', segment: 12, mode: 1, offset: index * WORD.length, text: WORD },
      ...{ speaker: 'slt', lang: 'en' },
    },
  }),
);
const values = Array.from({ length: CALLS }, (_, index) =>
  bytesOf({ kind: Kind.gauge, gauge: { key: `mic-level-${index % 16}`, value: Buffer.from([index & 0xff]) } }),
);

console.log(`a caption of ${interims[0]!.length} bytes, best of ${ROUNDS} rounds of ${CALLS}`);
measure('admitted interim of one segment', interims, ROOMY);
measure('admitted interim, a new segment', segments, ROOMY);
measure('admitted fragment of one text', fragments, ROOMY);
measure('admitted keyed value, 16 keys', values, ROOMY);
measure('refused frame, over its rate', interims, 1e-3);

/** Prints the cost of `frames`, published by a session with `rateFactor` times the policy's rates. */
function measure(name: string, frames: readonly Buffer[], rateFactor: number): void {
  let best = Number.POSITIVE_INFINITY;
  let outcomes = '';
  for (let round = 0; round < ROUNDS; round++) {
    const session = sessionIn(rateFactor);
    const before = counters.outcomes().flat();
    const startMs = performance.now();
    for (const frame of frames) ingest.receive(session, frame, false, moment);
    best = Math.min(best, ((performance.now() - startMs) * 1e6) / frames.length);
    outcomes = outcomeWords(before);
    session.room.expire(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, moment);
    session.room.leave(session.publisher);
    notices.round(0, moment.nowMs);
    admission.close(session.publisher.bucketRow, moment.nowMs);
  }
  console.log(`${name.padEnd(36)}${best.toFixed(0).padStart(6)} ns   ${outcomes}`);
}

function sessionIn(rateFactor: number): MetadataSession {
  const room = new Room({
    tenant: 'acme',
    name: 'standup',
    phase: 0,
    clock: { prompt: () => {}, tick: () => {} },
    policy: DEFAULT_POLICY,
    counters,
    mostKeys: 2 * CALLS,
    mostLiveBytes: 1e7,
    resumeMs: 10_000,
  });
  room.enter();
  const publisher = new Publisher({
    identity: 'captioner',
    node: '',
    trusted: false,
    bucketRow: admission.open({ tenant: 'acme', identity: 'agent', room: 'room' }, rateFactor),
    refusals: refusalsFor('agent', true),
    classifier: classes.sender(Principal.agent, 'acme'),
    policy: DEFAULT_POLICY,
  });
  return new MetadataSession(room, publisher, outlet, true);
}

/** How the frames since `before` ended, so that a figure cannot be for the wrong thing. */
function outcomeWords(before: readonly number[]): string {
  const counted = new Map<string, number>();
  counters
    .outcomes()
    .flat()
    .forEach((count, index) => {
      const name = OUTCOMES[index % OUTCOMES.length]!;
      const more = count - before[index]!;
      if (more > 0) counted.set(name, (counted.get(name) ?? 0) + more);
    });
  return [...counted].map(([name, count]) => `${count} ${name}`).join(', ');
}

function bytesOf(frame: Frame): Buffer {
  return Buffer.from(encodeBinaryFrame(frame));
}
