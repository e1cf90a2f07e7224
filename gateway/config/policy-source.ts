/** The text of the policy in force, where it came from, and how each process compiles it. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parsePolicy, problemLine } from '../../classes/parse-policy.ts';
import { compilePolicy, type Policy } from '../../classes/policy.ts';
import type { PolicyDocument } from '../../classes/policy-schema.ts';
import { ConfigError } from './config-error.ts';
import { readText } from './read-text.ts';

/** The policy in force where operators bring none. */
export const DEFAULT_POLICY_FILE = fileURLToPath(new URL('../../classes/default-policy.yaml', import.meta.url));

/** A policy as text. Processes are handed this, so that all compile the same. */
export interface PolicySource {
  /** The file's name, for errors. */
  readonly file: string;
  readonly text: string;
  /**
   * Names of classes by index, those of earlier policies included, where a process has given them already: all processes
   * of a gateway number classes alike, whenever they began. Absent: as the text has them.
   */
  readonly classNames?: readonly string[];
  /**
   * What the text says, where a process has checked it already. Reading two hundred rules takes tens of milliseconds, in
   * which a plane would serve nobody; compiling them takes one.
   */
  readonly document?: PolicyDocument;
}

/** Reads a policy file, null for the default one. Throws `ConfigError` when it cannot be read. */
export function readPolicySource(file: string | null): PolicySource {
  return { file: file ?? 'the default policy', text: readText(file ?? DEFAULT_POLICY_FILE) };
}

/**
 * Checks and compiles a policy; `previous` is the one that was in force, whose classes keep their indexes. Throws
 * `ConfigError` with one line per problem: file, line, column, path, what was expected.
 */
export function policyOf(source: PolicySource, previous: Policy | null = null): Policy {
  const { file, classNames } = source;
  const document = source.document ?? documentOf(source);
  try {
    return compilePolicy(document, previous, classNames);
  } catch (error) {
    if (error instanceof RangeError) throw new ConfigError([`${file}: classes: ${error.message}`]);
    throw error;
  }
}

function documentOf({ file, text }: PolicySource): PolicyDocument {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new ConfigError(parsed.problems.map((problem) => problemLine(file, problem)));
  return parsed.document;
}

/** A policy that compiles, and how operators know it. */
export interface CheckedPolicy {
  readonly source: PolicySource;
  readonly version: number;
  /** May be empty. */
  readonly name: string;
  /** Tells two texts of a policy apart: the first twelve hexadecimal digits of the text's SHA-256. */
  readonly hash: string;
}

/** Checks a policy that is to be handed to planes. Throws like `policyOf`. */
export function checkedPolicy(source: PolicySource): CheckedPolicy {
  const { version, name } = policyOf(source);
  return { source, version, name, hash: policyHash(source.text) };
}

/** The hash by which operators know the text of a policy. */
export function policyHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
