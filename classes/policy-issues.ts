/** What the schema finds wrong with a policy, in words: what was expected, what was found, and the nearest valid word. */
import { z } from 'zod';
import { didYouMean } from '../schemas/nearest-word.ts';
import { policySchema } from './policy-schema.ts';

/** A problem whose place in the text is not looked up yet. */
export interface PolicyFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Checks `values` by the schema: the policy, or what is wrong. */
export function validateShape(
  values: unknown,
): { readonly document: z.output<typeof policySchema> } | { readonly faults: readonly PolicyFault[] } {
  const parsed = policySchema.safeParse(values, { reportInput: false });
  if (parsed.success) return { document: parsed.data };
  return { faults: parsed.error.issues.flatMap((issue) => faultsOf(issue, values)) };
}

function faultsOf(issue: z.core.$ZodIssue, values: unknown): PolicyFault[] {
  const { path } = issue;
  const value = valueAt(values, path);
  const found = foundOf(value);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `there is no such key${didYouMean(key, knownKeysAt(path)) || `, expected ${listOf(knownKeysAt(path))}`}`,
      }));
    case 'invalid_type':
      return [{ path, message: `expected ${EXPECTED[issue.expected] ?? issue.expected}${found}` }];
    case 'too_small': {
      const than = issue.origin === 'number' && !issue.inclusive ? 'more than' : 'at least';
      return [{ path, message: `expected ${than} ${issue.minimum}${UNITS[issue.origin] ?? ''}${found}` }];
    }
    case 'too_big':
      return [{ path, message: `expected at most ${issue.maximum}${UNITS[issue.origin] ?? ''}${found}` }];
    case 'invalid_value': {
      const words = issue.values.map(String);
      const near = typeof value === 'string' ? didYouMean(value, words) : '';
      return [{ path, message: `expected ${listOf(words)}${found}${near}` }];
    }
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? 'expected another key' }];
    default:
      return [{ path, message: `${issue.message}${found}` }];
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
  record: 'a mapping of names',
};
const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

/** Words as one says them; long lists are cut, because the nearest word follows anyway. */
function listOf(words: readonly string[]): string {
  if (words.length === 0) return 'none';
  if (words.length > 8) return `one of ${words.slice(0, 6).join(', ')}, … (${words.length} words)`;
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  let value = values;
  for (const step of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[step];
  return value;
}

function foundOf(value: unknown): string {
  if (value === undefined) return ', found nothing';
  if (value === null) return ', found nothing after the colon';
  if (typeof value === 'object')
    return Array.isArray(value) ? `, found a list of ${value.length}` : ', found a group of keys';
  // JSON has no words for .nan and .inf.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return `, found ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}

/** The keys that may stand in the object at `path`; empty where any may, or where there is no object. */
export function knownKeysAt(path: readonly PropertyKey[]): readonly string[] {
  const schema = schemaAt(path);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** What the schema says the value at `path` is for; empty where it says nothing. */
export function descriptionAt(path: readonly PropertyKey[]): string {
  return schemaAt(path, true)?.description ?? schemaAt(path)?.description ?? '';
}

function schemaAt(path: readonly PropertyKey[], wrapped = false): z.ZodType | null {
  let schema: z.ZodType = policySchema;
  for (const step of path) {
    const bare = bareOf(schema);
    let next: unknown;
    if (bare instanceof z.ZodObject) next = bare.shape[String(step)];
    else if (bare instanceof z.ZodRecord) next = bare.valueType;
    else if (bare instanceof z.ZodArray) next = bare.element;
    if (!(next instanceof z.ZodType)) return null;
    schema = next;
  }
  return wrapped ? schema : bareOf(schema);
}

/** The schema without the wrappers that say what to do when the value is absent. */
function bareOf(schema: z.ZodType): z.ZodType {
  let bare: unknown = schema;
  while (bare instanceof z.ZodDefault || bare instanceof z.ZodPrefault || bare instanceof z.ZodOptional)
    bare = bare.unwrap();
  return bare as z.ZodType;
}
