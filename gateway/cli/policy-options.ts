/** Reading policies for commands: every problem is told, one line each, and the command ends with exit code 1. */
import { ConfigError } from '../config/config-error.ts';
import type { PolicySource } from '../config/policy-source.ts';
import { readText } from '../config/read-text.ts';
import { CommandFailure } from './command-failure.ts';

/** The policy in a file, null for the default one. Throws `CommandFailure` when it cannot be read or is not valid. */
export async function policySourceOf(file: string | null): Promise<PolicySource> {
  const { policyOf, readPolicySource } = await import('../config/policy-source.ts');
  return orFailure(() => {
    const source = readPolicySource(file);
    policyOf(source);
    return source;
  });
}

/** The text of a policy's file, which a gateway is going to judge. Throws `CommandFailure` when it cannot be read. */
export function policyTextOf(file: string): string {
  return orFailure(() => readText(file));
}

function orFailure<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(error.problems, 1);
    throw error;
  }
}
