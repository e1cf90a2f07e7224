/**
 * What policy costs a frame: its class, and its admission at five levels: `node classes/admission.bench.ts`. Nanoseconds
 * per frame. Frames come from many sessions in turn, as on a busy worker, so that rows are not always at hand.
 *
 * Twice, because a clock costs about as much as what is measured:
 *
 * - by runs of `RUN` frames between two readings of the clock: its cost is shared and vanishes, and so do single slow frames;
 * - by single frames: every `SAMPLE_EVERY`-th is put between two readings. A sample is frame + clock, so its p99 is an upper
 *   bound of the frame's, and is what is judged. Half way between samples two readings have nothing between them: that is
 *   the clock's own cost, at the same places of the same loop, and what a sample's p50 and p99 have above its p50 is printed
 *   as the estimate.
 */

import { readFileSync } from 'node:fs';
import { Kind } from '../schemas/kinds.ts';
import { AdmissionHierarchy, Decision } from './admission-hierarchy.ts';
import { classWith, type Limits, limit, policyWith } from './fixtures/admission.ts';
import { ClassTables } from './frame-classifier.ts';
import { parsePolicy } from './parse-policy.ts';
import { compilePolicy } from './policy.ts';
import { Principal } from './rule-table.ts';

const RUN = 32;
const RUNS = 40_000;
const SAMPLE_EVERY = 64;
const SAMPLES = 40_000;
/** Of what is measured: the first part is the compiler's. */
const WARM_UP = 1 / 4;
const SESSIONS = 4096;
const TARGET_P99_NS = 1000;

const parsed = parsePolicy(readFileSync(new URL('./default-policy.yaml', import.meta.url), 'utf8'));
if (!parsed.ok) throw new Error('the default policy is valid');
const classifier = new ClassTables(compilePolicy(parsed.document)).sender(Principal.agent, 'acme');

const wide = limit(1e6, 1e6);
const levels = { session: wide, user: wide, room: wide, tenant: wide, gateway: wide };
const names = [
  'all five levels, admitted',
  'all five levels with a ceil, admitted',
  'refused by the session',
  'refused by the gateway',
];
const limitsOf: readonly Limits[] = [
  levels,
  Object.fromEntries(Object.entries(levels).map(([level, each]) => [level, { ...each, ceilPerSecond: 2e6 }])),
  { ...levels, session: limit(0.001, 1) },
  { ...levels, gateway: limit(0.001, 1) },
];
/** Frames of all sessions in turn, classified and admitted one by one. */
class Frames {
  admitted = 0;
  done = 0;
  unclassified = 0;
  readonly #admission: AdmissionHierarchy;
  readonly #flows: readonly number[];

  constructor(limits: Limits) {
    const admission = new AdmissionHierarchy(policyWith([classWith(limits)]));
    this.#admission = admission;
    this.#flows = Array.from({ length: SESSIONS }, (_, index) =>
      admission.open({ tenant: `tenant ${index & 7}`, identity: `user ${index >> 1}`, room: `room ${index & 255}` }),
    );
  }

  next(nowMs: number): void {
    this.done++;
    const flow = this.#flows[(this.done * 17) & (SESSIONS - 1)]!;
    if (classifier.classOf(Kind.caption) < 0) this.unclassified++;
    if (this.#admission.admit(flow, 0, false, nowMs) === Decision.admitted) this.admitted++;
  }
}

function measure(name: string, limits: Limits): void {
  const frames = new Frames(limits);
  const runs = byRuns(frames);
  const { samples, clock } = bySamples(frames);
  console.log(`${name}, ${((100 * frames.admitted) / frames.done).toFixed(0)} % admitted`);
  console.log(`  runs of ${RUN}            ${figures(runs)}   ${verdict(runs)}`);
  console.log(`  single, with the clock ${figures(samples)}   ${verdict(samples)}`);
  console.log(`  the clock alone        ${figures(clock)}`);
  const clockNs = at(clock, 0.5);
  console.log(`  single, less clock p50 ${figures(samples, clockNs)}`);
  // A bench whose frames have no class measures something else.
  if (frames.unclassified > 0) process.exitCode = 1;
}

/** Mean ns per frame of each run, in ascending order. */
function byRuns(frames: Frames): Float64Array {
  const times = new Float64Array(RUNS);
  for (let run = 0; run < RUNS; run++) {
    const startMs = performance.now();
    for (let each = 0; each < RUN; each++) frames.next(1000 + run);
    times[run] = ((performance.now() - startMs) * 1e6) / RUN;
  }
  return warm(times);
}

/** Ns of single frames with two readings of the clock around each, and of such readings with nothing between them. */
function bySamples(frames: Frames): { samples: Float64Array; clock: Float64Array } {
  const samples = new Float64Array(SAMPLES);
  const clock = new Float64Array(SAMPLES);
  for (let sample = 0; sample < SAMPLES; sample++) {
    const nowMs = 1000 + RUNS + 2 * sample;
    for (let each = 1; each < SAMPLE_EVERY / 2; each++) frames.next(nowMs);
    const emptyMs = performance.now();
    clock[sample] = (performance.now() - emptyMs) * 1e6;
    for (let each = 0; each < SAMPLE_EVERY / 2; each++) frames.next(nowMs);
    const startMs = performance.now();
    frames.next(nowMs);
    samples[sample] = (performance.now() - startMs) * 1e6;
  }
  return { samples: warm(samples), clock: warm(clock) };
}

function warm(times: Float64Array): Float64Array {
  return times.subarray(times.length * WARM_UP).sort();
}

function at(sorted: Float64Array, part: number): number {
  return sorted[Math.floor(sorted.length * part)]!;
}

function figures(sorted: Float64Array, lessNs = 0): string {
  const text = (part: number) => Math.max(0, at(sorted, part) - lessNs).toFixed(0);
  return `p50${text(0.5).padStart(6)}   p99${text(0.99).padStart(6)}   p99.9${text(0.999).padStart(7)}`;
}

function verdict(sorted: Float64Array): string {
  return at(sorted, 0.99) <= TARGET_P99_NS ? 'PASS' : 'misses';
}

console.log(`classify and admit, ${SESSIONS} sessions in turn, ns per frame; target: p99 ≤ ${TARGET_P99_NS} ns`);
limitsOf.forEach((limits, index) => {
  measure(names[index]!, limits);
});
