/**
 * What policy costs a frame: its class, and its admission at five levels: `node classes/admission.bench.ts`. Nanoseconds
 * per frame, over runs of `RUN` frames each: a clock costs more than one frame does. Frames come from many sessions in
 * turn, as on a busy worker, so that rows are not always at hand.
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
const SESSIONS = 4096;

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
console.log(`classify and admit, ${SESSIONS} sessions in turn, ns per frame over runs of ${RUN}`);
limitsOf.forEach((limits, index) => {
  measure(names[index]!, limits);
});

function measure(name: string, limits: Limits): void {
  const admission = new AdmissionHierarchy(policyWith([classWith(limits)]));
  const flows = Array.from({ length: SESSIONS }, (_, index) =>
    admission.open({ tenant: `tenant ${index & 7}`, identity: `user ${index >> 1}`, room: `room ${index & 255}` }),
  );
  const times = new Float64Array(RUNS);
  let admitted = 0;
  let unclassified = 0;
  let frame = 0;
  let nowMs = 1000;
  for (let run = 0; run < RUNS; run++) {
    nowMs += 1;
    const startMs = performance.now();
    for (let each = 0; each < RUN; each++) {
      frame += 17;
      const flow = flows[frame & (SESSIONS - 1)]!;
      if (classifier.classOf(Kind.caption) < 0) unclassified++;
      if (admission.admit(flow, 0, false, nowMs) === Decision.admitted) admitted++;
    }
    times[run] = ((performance.now() - startMs) * 1e6) / RUN;
  }
  // The first runs are those of the compiler.
  const sorted = times.subarray(RUNS / 4).sort();
  const at = (part: number) => sorted[Math.floor(sorted.length * part)]!.toFixed(0).padStart(6);
  const share = ((100 * admitted) / (RUN * RUNS)).toFixed(0);
  console.log(`${name.padEnd(40)}p50${at(0.5)}   p99${at(0.99)}   ${share} % admitted`);
  if (unclassified > 0) process.exitCode = 1;
}
