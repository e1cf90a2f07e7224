/** Reading policies for commands: every problem is told, one line each, and the command ends with exit code 1. */
import type { PolicySource } from '../config/policy-source.ts';
import { CommandFailure } from './command-failure.ts';

/** The policy in a file, null for the default one. Throws `CommandFailure` when it cannot be read or is not valid. */
export async function policySourceOf(file: string | null): Promise<PolicySource> {
  const [{ policyOf, readPolicySource }, { ConfigError }] = await Promise.all([
    import('../config/policy-source.ts'),
    import('../config/config-error.ts'),
  ]);
  try {
    const source = readPolicySource(file);
    policyOf(source);
    return source;
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(error.problems, 1);
    throw error;
  }
}
