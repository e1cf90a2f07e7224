/** How commands ask a running gateway's operator API. What is wrong ends the command: exit code 1 and what to do. */
import type { Command } from 'commander';
import { CommandFailure } from './command-failure.ts';

const PATIENCE_MS = 15_000;
const DEFAULT_URL = 'http://127.0.0.1:7490';

/** Where the gateway is and who asks. */
export interface OperatorOptions {
  readonly operator?: string;
  readonly operatorToken?: string;
}

/** One request; `headers` beside what every request has. */
export interface OperatorRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Adds `--operator` and `--operator-token`. */
export function addOperatorOptions(command: Command): Command {
  return command
    .option('--operator <url>', `operator API of the gateway (or SLUICE_OPERATOR; else ${DEFAULT_URL})`)
    .option('--operator-token <token>', 'operator token, where there are any (better: SLUICE_OPERATOR_TOKEN)');
}

/** Asks and returns the answer's JSON. Throws `CommandFailure` with what the gateway said, or why it cannot be asked. */
export async function askOperator<T>(options: OperatorOptions, request: OperatorRequest): Promise<T> {
  const base = options.operator ?? (process.env.SLUICE_OPERATOR || DEFAULT_URL);
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol)) {
    throw new CommandFailure([`--operator ${base}: expected an address like ${DEFAULT_URL}`], 2);
  }
  const token = options.operatorToken ?? process.env.SLUICE_OPERATOR_TOKEN ?? '';
  const authorization = token === '' ? {} : { authorization: `Bearer ${token}` };
  let response: Response;
  let text: string;
  try {
    response = await fetch(new URL(request.path, base), {
      method: request.method,
      headers: { ...authorization, ...request.headers },
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(request.body !== undefined && { body: request.body }),
    });
    text = await response.text();
  } catch (error) {
    throw new CommandFailure(
      [`${base} cannot be asked: ${reasonOf(error)}; is the gateway running, and is --operator right?`],
      1,
    );
  }
  const answer = text === '' ? {} : jsonOf(text);
  if (response.ok && answer !== null) return answer as T;
  throw new CommandFailure(linesOf(response.status, answer, base), 1);
}

function linesOf(status: number, answer: object | null, base: string): string[] {
  const detail = answer !== null && 'detail' in answer ? String(answer.detail) : '';
  if (detail === '') return [`${base} answered ${status}: it does not seem to be the operator API of a gateway`];
  if (status === 401) return [`${detail}: give one with --operator-token or SLUICE_OPERATOR_TOKEN`];
  return detail.split('\n');
}

function jsonOf(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${PATIENCE_MS / 1000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const { code } = cause as NodeJS.ErrnoException;
  return code === 'ECONNREFUSED' ? 'nothing listens there' : cause.message || String(code);
}
