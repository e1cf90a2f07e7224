/**
 * What a schema finds wrong with a document that people write, policy or configuration, in words: what was expected,
 * what was found, and the nearest valid word.
 */
import { z } from 'zod';
import { didYouMean } from '../schemas/nearest-word.ts';

/** Something wrong in a document, whose place in the text is not looked up yet. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Values that are not to be shown, by their path. */
export type Hidden = (path: readonly PropertyKey[]) => boolean;

/** One of the issues that `schema` has with `values`, as faults. */
export function faultsOfIssue(
  issue: z.core.$ZodIssue,
  values: unknown,
  schema: z.ZodType,
  hidden: Hidden = () => false,
): Fault[] {
  const { path } = issue;
  const value = valueAt(values, path);
  const found = hidden(path) ? '' : foundText(value);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeysAt(schema, path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `there is no such key${didYouMean(key, known) || `, expected ${listOf(known)}`}`,
      }));
    }
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
      const near = typeof value === 'string' && !hidden(path) ? didYouMean(value, words) : '';
      return [{ path, message: `expected ${listOf(words)}${found}${near}` }];
    }
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? 'expected another key' }];
    case 'custom':
      return [{ path, message: issue.message }];
    default:
      return [{ path, message: `${issue.message}${found}` }];
  }
}

/** A schema without the wrappers that say what to do when the value is absent. */
export function bareSchema(schema: z.core.$ZodType): z.core.$ZodType {
  let bare = schema;
  while (bare instanceof z.ZodDefault || bare instanceof z.ZodPrefault || bare instanceof z.ZodOptional) {
    bare = bare.unwrap();
  }
  return bare;
}

/** What `root` says the value at `path` is for; empty where it says nothing. */
export function descriptionAt(root: z.ZodType, path: readonly PropertyKey[]): string {
  const schema = schemaAt(root, path);
  const bare = schema === null ? null : bareSchema(schema);
  return schema?.description ?? (bare instanceof z.ZodType ? bare.description : undefined) ?? '';
}

/** The schema, wrappers and all, of the value at `path` of what `root` describes; null where there is none. */
function schemaAt(root: z.ZodType, path: readonly PropertyKey[]): z.ZodType | null {
  let schema = root;
  for (const step of path) {
    const bare = bareSchema(schema);
    let next: unknown;
    if (bare instanceof z.ZodObject) next = bare.shape[String(step)];
    else if (bare instanceof z.ZodRecord) next = bare.valueType;
    else if (bare instanceof z.ZodArray) next = bare.element;
    if (!(next instanceof z.ZodType)) return null;
    schema = next;
  }
  return schema;
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

/** The keys that may stand in the object at `path`; empty where any may, or where there is no object. */
function knownKeysAt(root: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const schema = schemaAt(root, path);
  const bare = schema === null ? null : bareSchema(schema);
  return bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
}

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

function foundText(value: unknown): string {
  if (value === undefined) return ', found nothing';
  if (value === null) return ', found nothing after the colon';
  if (typeof value === 'object')
    return Array.isArray(value) ? `, found a list of ${value.length}` : ', found a group of keys';
  // JSON has no words for .nan and .inf.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return `, found ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}
