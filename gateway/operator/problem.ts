/** Errors of the operator API as problem details (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { PolicyProblem } from '../../classes/policy-text.ts';

/**
 * Answers with a problem; `detail` says what was wrong with this very request, `more` has what only programs read, such
 * as places by line and column.
 */
export function sendProblem(
  reply: FastifyReply,
  status: number,
  detail: string,
  more: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(problemText(status, detail, more));
}

/** A problem as it is sent: JSON. */
export function problemText(status: number, detail: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, ...more });
}

/** What is wrong with a policy, its sentence taken apart; what it does not say is null. */
export interface ToldProblem extends PolicyProblem {
  readonly expected: string | null;
  readonly found: string | null;
  readonly nearest: string | null;
}

/** A problem for programs. */
export function problemOf(problem: PolicyProblem): ToldProblem {
  const { message } = problem;
  const nearest = /\(did you mean "(.+)"\?\)$/.exec(message)?.[1] ?? null;
  const expected = /\bexpected (.+?)(?:[,;] found .*| \(did you mean .*)?$/.exec(message)?.[1] ?? nearest;
  const found = /\bfound (.+?)(?: \(did you mean .*)?$/.exec(message)?.[1] ?? null;
  return { ...problem, expected, found, nearest };
}
