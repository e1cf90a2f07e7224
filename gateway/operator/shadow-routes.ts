/** A policy on trial over HTTP: `PUT` and `DELETE /v1/policy/shadow`, and what it would have decided. */
import type { FastifyInstance } from 'fastify';
import { parsePolicy, problemLine } from '../../classes/parse-policy.ts';
import { policyDifferences } from '../../classes/policy-diff.ts';
import type { ShadowCounts } from '../../classes/shadow-policy.ts';
import { type CheckedPolicy, checkedPolicy } from '../config/policy-source.ts';
import type { AuditLog } from './audit-log.ts';
import type { Operator } from './operator-identity.ts';
import type { PolicyDesk } from './policy-desk.ts';
import { problemOf, sendProblem } from './problem.ts';

/** What tries policies: the supervisor. */
export interface ShadowControls {
  tryShadow(policy: CheckedPolicy | null): void;
  /** Null: no worker has counted anything yet. */
  shadowCounts(): ShadowCounts | null;
}

/** What the routes work on. `operatorOf` tells who asks. */
export interface ShadowRouteParts {
  readonly desk: PolicyDesk;
  readonly audit: AuditLog;
  readonly shadow: ShadowControls;
  readonly operatorOf: (authorization: string | undefined) => Operator;
}

interface Trial {
  readonly policy: CheckedPolicy;
  readonly since: string;
  readonly who: string;
}

const NONE = 'no policy is on trial: put one with PUT /v1/policy/shadow';

/** Adds the routes. `scope` hands bodies on as text. */
export function addShadowRoutes(scope: FastifyInstance, { desk, audit, shadow, operatorOf }: ShadowRouteParts): void {
  let trial: Trial | null = null;
  const write = (who: string, from: string, what: string, policy: CheckedPolicy | null, details: readonly string[]) => {
    const told = policy === null ? {} : { version: policy.version, hash: policy.hash };
    audit.write({ at: new Date().toISOString(), who, from, what, outcome: 'done', details, ...told });
  };

  scope.put('/v1/policy/shadow', (request, reply) => {
    const { who, role } = operatorOf(request.headers.authorization);
    if (role !== 'editor') return sendProblem(reply, 403, 'expected the token of an editor: a viewer may only look');
    const source = { file: 'shadow', text: String(request.body ?? '') };
    const parsed = parsePolicy(source.text);
    if (!parsed.ok) {
      const lines = parsed.problems.map((problem) => problemLine(source.file, problem));
      return sendProblem(reply, 422, lines.join('\n'), { problems: parsed.problems.map(problemOf) });
    }
    const policy = checkedPolicy({ ...source, document: parsed.document });
    const diff = differences(desk, source.text);
    trial = { policy, since: new Date().toISOString(), who };
    shadow.tryShadow(policy);
    write(who, request.socket.remoteAddress ?? '', 'policy.shadow', policy, diff);
    return reply.send({ ...told(trial), diff });
  });

  scope.delete('/v1/policy/shadow', (request, reply) => {
    const { who, role } = operatorOf(request.headers.authorization);
    if (role !== 'editor') return sendProblem(reply, 403, 'expected the token of an editor: a viewer may only look');
    if (trial === null) return sendProblem(reply, 404, NONE);
    trial = null;
    shadow.tryShadow(null);
    write(who, request.socket.remoteAddress ?? '', 'policy.shadow.end', null, []);
    return reply.code(204).send();
  });

  scope.get('/v1/policy/shadow/report', (_request, reply) => {
    if (trial === null) return sendProblem(reply, 404, NONE);
    const diff = differences(desk, trial.policy.source.text);
    return reply.send({ ...told(trial), diff, activeVersion: desk.active.version, counts: shadow.shadowCounts() });
  });
}

function told({ policy: { version, name, hash }, since, who }: Trial) {
  return { version, name, hash, since, who };
}

/** What the shadow says otherwise than the policy in force. */
function differences(desk: PolicyDesk, text: string): readonly string[] {
  const [active, shadow] = [parsePolicy(desk.active.text), parsePolicy(text)];
  return active.ok && shadow.ok ? policyDifferences(active.document, shadow.document) : [];
}
