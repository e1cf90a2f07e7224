/**
 * From the text of a policy to the policy, or to everything that is wrong with it at once. Pure: who reads files is elsewhere.
 *
 * Invariant: what comes out as a policy compiles, and gives every kind a class.
 */
import { checkPolicy } from './policy-checks.ts';
import { type PolicyDocument, policySchema } from './policy-schema.ts';
import { type PolicyProblem, type PolicyText, readPolicyText } from './policy-text.ts';
import { type Fault, faultsOfIssue } from './schema-faults.ts';

/** A policy with the text it came from, or what is wrong with it, by line. */
export type ParsedPolicy =
  | { readonly ok: true; readonly document: PolicyDocument; readonly text: PolicyText }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/** Reads and checks a policy, YAML or JSON. Never throws. */
export function parsePolicy(source: string): ParsedPolicy {
  const text = readPolicyText(source);
  if (Array.isArray(text)) return { ok: false, problems: text };
  const { values } = text;
  const parsed = policySchema.safeParse(values, { reportInput: false });
  if (!parsed.success) {
    const faults = parsed.error.issues.flatMap((issue) => faultsOfIssue(issue, values, policySchema));
    return { ok: false, problems: placed(faults, text) };
  }
  const faults = checkPolicy(parsed.data);
  if (faults.length > 0) return { ok: false, problems: placed(faults, text) };
  return { ok: true, document: parsed.data, text };
}

/** A problem in one line: `file:line:column: path: message`. */
export function problemLine(file: string, { line, column, path, message }: PolicyProblem): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

function placed(faults: readonly Fault[], text: PolicyText): PolicyProblem[] {
  return faults
    .map(({ path, message }) => ({ ...text.positionOf(path), path: path.map(String).join('.'), message }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}
