/** `POST /v1/policy/simulate`: what the policy in force, and perhaps another one, would admit of imagined traffic. */
import { z } from 'zod';
import { parsePolicy, problemLine } from '../../classes/parse-policy.ts';
import { compilePolicy } from '../../classes/policy.ts';
import { policyDifferences } from '../../classes/policy-diff.ts';
import { METADATA_KINDS, PRINCIPAL_KINDS } from '../../classes/policy-kinds.ts';
import { type ImaginedTraffic, MOST_SIMULATED_FRAMES, simulatePolicy } from '../../classes/policy-simulation.ts';
import type { PolicyProblem } from '../../classes/policy-text.ts';
import { faultsOfIssue } from '../../classes/schema-faults.ts';
import type { KindName } from '../../schemas/kinds.ts';
import type { PolicyEntry } from './policy-archive.ts';

const MOST_SESSIONS = 20_000;
const count = () => z.int().min(1).max(MOST_SESSIONS);

const imagined = z.strictObject({
  kind: z.enum(METADATA_KINDS as readonly [KindName, ...KindName[]]),
  final: z.boolean().default(false),
  type: z.string().default(''),
  label: z.string().default(''),
  principal: z.enum(PRINCIPAL_KINDS).default('standard'),
  tenant: z.string().default(''),
  sessions: count().default(1),
  users: count().optional(),
  rooms: count().default(1),
  framesPerSecond: z.number().positive().max(100_000),
});

const request = z.strictObject({
  policy: z.string().optional(),
  file: z.string().default('policy'),
  seconds: z.number().min(1).max(600).default(10),
  traffic: z.array(imagined).min(1).max(100),
});

/** The result, or what is wrong with the question. */
export type SimulationAnswer =
  | { readonly simulated: object }
  | { readonly fault: string; readonly status: 400 | 422; readonly problems: readonly PolicyProblem[] };

/** Simulates what `body` (JSON) says, by the policy in force and by the one in the body, where there is one. */
export function simulationRequest(active: PolicyEntry, body: string): SimulationAnswer {
  const given = jsonOf(body);
  const asked = request.safeParse(given);
  if (!asked.success) {
    const faults = asked.error.issues.flatMap((issue) => faultsOfIssue(issue, given, request));
    const lines = faults.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
    return { fault: lines.join('\n'), status: 400, problems: [] };
  }
  const { policy: text, file, seconds } = asked.data;
  const traffic: ImaginedTraffic[] = asked.data.traffic.map((each) => ({
    ...each,
    users: each.users ?? each.sessions,
  }));
  const frames = traffic.reduce((sum, each) => sum + each.sessions * each.framesPerSecond * seconds, 0);
  if (frames > MOST_SIMULATED_FRAMES) {
    const fault = `traffic: expected at most ${MOST_SIMULATED_FRAMES} frames over all seconds, found ${Math.round(frames)}`;
    return { fault, status: 400, problems: [] };
  }
  const present = parsePolicy(active.text);
  const proposed = text === undefined ? null : parsePolicy(text);
  if (proposed?.ok === false) {
    const lines = proposed.problems.map((problem) => problemLine(file, problem));
    return { fault: lines.join('\n'), status: 422, problems: proposed.problems };
  }
  // What is in force is valid.
  if (!present.ok) return { fault: 'the policy in force cannot be read', status: 400, problems: [] };
  const before = simulatePolicy(compilePolicy(present.document), traffic, seconds);
  const after = proposed === null ? null : simulatePolicy(compilePolicy(proposed.document), traffic, seconds);
  return {
    simulated: {
      seconds,
      policyVersion: active.version,
      diff: proposed === null ? [] : policyDifferences(present.document, proposed.document),
      traffic: traffic.map((each, index) => ({ ...each, before: before[index], after: after?.[index] ?? null })),
    },
  };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
