/**
 * Policies over HTTP: what is in force, what was, and changing it. Bodies of policies are taken as they are written, so
 * that what is wrong with them can be told by line.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import type { FrameQuestion, LiveAnswer } from '../supervisor/frame-question.ts';
import type { AuditLog } from './audit-log.ts';
import { operatorsOf } from './operator-identity.ts';
import type { PolicyEntry } from './policy-archive.ts';
import type { PolicyDesk } from './policy-desk.ts';
import { explainRequest, withLiveAnswer } from './policy-explanation.ts';
import type { PolicyVerdict } from './policy-wish.ts';
import { problemOf, sendProblem } from './problem.ts';
import { addShadowRoutes, type ShadowControls } from './shadow-routes.ts';
import { simulationRequest } from './simulation-request.ts';

/** A policy may be a megabyte of characters, which may be four bytes each. */
const MOST_BODY_BYTES = 4_194_304;
const MOST_AUDIT_ENTRIES = 1000;
const FILE_NAME = /^[\p{L}\p{N}\p{P}\p{S} ]{1,200}$/u;

/** What the routes work on. */
export interface PolicyRouteParts {
  readonly config: Config;
  readonly desk: PolicyDesk;
  readonly audit: AuditLog;
  /** Asks the plane that would decide about a frame. */
  readonly ask: (question: FrameQuestion) => Promise<LiveAnswer | null>;
  readonly shadow: ShadowControls;
}

interface Query {
  readonly dryRun?: string;
  readonly file?: string;
  readonly limit?: string;
}

type Asked = FastifyRequest<{ Querystring: Query; Params: { number?: string } }>;

/** Adds `/v1/policy…`, `/v1/classes` and `/v1/audit`. */
export function addPolicyRoutes(server: FastifyInstance, parts: PolicyRouteParts): void {
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MOST_BODY_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    addReading(scope, parts);
    addWriting(scope, parts);
    addShadowRoutes(scope, { ...parts, operatorOf: operatorsOf(parts.config) });
  });
}

function addReading(scope: FastifyInstance, { desk, audit, ask }: PolicyRouteParts): void {
  scope.get('/v1/policy', (request, reply) => {
    const { active } = desk;
    reply.header('etag', `"${active.hash}"`).header('cache-control', 'no-store');
    if (/\byaml\b/.test(request.headers.accept ?? '')) return reply.type('application/yaml').send(active.text);
    return reply.send({ ...told(active), text: active.text, lastFailure: desk.lastFailure });
  });
  scope.get('/v1/policy/history', (_request, reply) => reply.send({ entries: desk.history.toReversed().map(told) }));
  scope.get('/v1/policy/history/:number', (request: Asked, reply) => {
    const found = desk.history.find(({ number }) => String(number) === request.params.number);
    if (found === undefined) return sendProblem(reply, 404, `the history has no number ${request.params.number}`);
    return reply.send({ ...told(found), text: found.text });
  });
  scope.get('/v1/classes', (_request, reply) => {
    const classes = desk.compiled.classes.filter(({ retired }) => !retired);
    return reply.send({
      policyVersion: desk.active.version,
      classes: classes.map(({ retired: _, ...each }) => each),
    });
  });
  scope.get('/v1/audit', (request: Asked, reply) => {
    const limit = Number(request.query.limit ?? 100);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_AUDIT_ENTRIES) {
      return sendProblem(reply, 400, `limit: expected a whole number from 1 to ${MOST_AUDIT_ENTRIES}`);
    }
    return reply.send({ entries: audit.newest(limit) });
  });
  scope.post('/v1/policy/explain', async (request, reply) => {
    const asked = explainRequest(desk.active, String(request.body ?? ''));
    if ('fault' in asked) return sendProblem(reply, asked.status, asked.fault, asked.more);
    const { explained, question } = asked;
    return reply.send(question === null ? explained : withLiveAnswer(explained, await ask(question)));
  });
  scope.post('/v1/policy/simulate', (request, reply) => {
    const asked = simulationRequest(desk.active, String(request.body ?? ''));
    if ('simulated' in asked) return reply.send(asked.simulated);
    return sendProblem(reply, asked.status, asked.fault, { problems: asked.problems.map(problemOf) });
  });
}

function addWriting(scope: FastifyInstance, { config, desk }: PolicyRouteParts): void {
  const operatorOf = operatorsOf(config);
  const byOf = (request: FastifyRequest) => ({
    ...operatorOf(request.headers.authorization),
    from: request.socket.remoteAddress ?? '',
  });
  const mayWrite = (request: FastifyRequest, reply: FastifyReply): FastifyReply | null => {
    const { role } = byOf(request);
    return role === 'editor'
      ? null
      : sendProblem(reply, 403, 'expected the token of an editor: a viewer may only look');
  };

  scope.put('/v1/policy', async (request: Asked, reply) => {
    const refused = mayWrite(request, reply);
    if (refused !== null) return refused;
    const ifMatch = hashOf(request.headers['if-match']);
    if (ifMatch === undefined) {
      const what = 'expected If-Match with the ETag of the policy you looked at, or * to change it whatever it is';
      return sendProblem(reply, 428, what);
    }
    const { file = 'policy', dryRun } = request.query;
    if (!FILE_NAME.test(file)) return sendProblem(reply, 400, 'file: expected a name of 1 to 200 characters');
    if (dryRun !== undefined && dryRun !== 'true' && dryRun !== 'false') {
      return sendProblem(reply, 400, 'dryRun: expected true or false');
    }
    const { who, from } = byOf(request);
    const source = { file, text: String(request.body ?? '') };
    const wish = { source, who, from, how: 'http' as const, ifMatch, dryRun: dryRun === 'true' };
    return answer(reply, desk, await desk.propose(wish), dryRun === 'true');
  });

  scope.post('/v1/policy/rollback', async (request: Asked, reply) => {
    const refused = mayWrite(request, reply);
    if (refused !== null) return refused;
    const to = versionOf(String(request.body ?? ''));
    if (typeof to === 'string') return sendProblem(reply, 400, to);
    const entry = desk.earlier(to);
    if (entry === null) {
      const versions = [...new Set(desk.history.map(({ version }) => version))].join(', ');
      const what = to === null ? 'there is no earlier policy' : `the history has no version ${to}, only ${versions}`;
      return sendProblem(reply, 404, what);
    }
    const { who, from } = byOf(request);
    const source = { file: entry.file, text: entry.text };
    const ifMatch = hashOf(request.headers['if-match']);
    return answer(reply, desk, await desk.propose({ source, who, from, how: 'rollback', ifMatch }), false);
  });
}

function answer(reply: FastifyReply, desk: PolicyDesk, verdict: PolicyVerdict, dryRun: boolean): FastifyReply {
  reply.header('etag', `"${desk.active.hash}"`);
  if (verdict.ok) {
    const { entry, changed, diff, planes } = verdict;
    return reply.send({ ...told(entry), diff, changed, dryRun, planes });
  }
  const { why, lines, problems } = verdict;
  const status = { stale: 412, invalid: 422, clash: 409, unkept: 507 }[why];
  const { version, hash } = desk.active;
  return sendProblem(reply, status, lines.join('\n'), { active: { version, hash }, problems: problems.map(problemOf) });
}

/** An entry without its text, which may be long. */
function told({ text: _, ...entry }: PolicyEntry): Omit<PolicyEntry, 'text'> {
  return entry;
}

/** The hash in an If-Match header; undefined where there is none. */
function hashOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : header.trim().replace(/^(?:W\/)?"(.*)"$/, '$1');
}

/** The version to go back to, null for the one before, or what is wrong with the body. */
function versionOf(body: string): number | null | string {
  if (body.trim() === '') return null;
  const expected = 'expected {"to": <version>}, or nothing for the policy before this one';
  try {
    const wish: unknown = JSON.parse(body);
    if (typeof wish !== 'object' || wish === null) return expected;
    const { to, ...more } = wish as { to?: unknown };
    if (Object.keys(more).length > 0) return `${Object.keys(more)[0]}: there is no such member; ${expected}`;
    if (to === undefined || to === null) return null;
    return Number.isInteger(to) && Number(to) > 0 ? Number(to) : `to: ${expected}`;
  } catch {
    return expected;
  }
}
