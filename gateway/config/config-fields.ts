/** The fields of the configuration as a list: their paths, environment variables, kinds and what they are for. */
import { z } from 'zod';
import { configSchema } from './config-schema.ts';

/** How a value written as plain text (a variable, a flag) is to be read. */
export type FieldKind = 'text' | 'words' | 'yaml';

/** One field that can be set as a whole: everything that is not a fixed group of other fields. */
export interface ConfigField {
  readonly path: readonly string[];
  /** `SLUICE_` and the path: `listen.signal.port` is `SLUICE_LISTEN_SIGNAL_PORT`. */
  readonly variable: string;
  readonly kind: FieldKind;
}

/** A schema without the wrappers that say what to do when the value is absent. */
export function bareSchema(schema: z.core.$ZodType): z.core.$ZodType {
  let bare = schema;
  while (bare instanceof z.ZodDefault || bare instanceof z.ZodPrefault || bare instanceof z.ZodOptional) {
    bare = bare.unwrap();
  }
  return bare;
}

/** Every field, in the order of the schema. */
export const CONFIG_FIELDS: readonly ConfigField[] = fieldsOf(configSchema, []);

/** The keys that may stand in the object at `path`; empty where any may, or where there is no object. */
export function knownKeysAt(path: readonly PropertyKey[]): readonly string[] {
  let schema: z.core.$ZodType = configSchema;
  for (const step of path) {
    const bare = bareSchema(schema);
    if (bare instanceof z.ZodObject) {
      const next = bare.shape[String(step)];
      if (next === undefined) return [];
      schema = next;
    } else if (bare instanceof z.ZodRecord) schema = bare.valueType;
    else if (bare instanceof z.ZodArray) schema = bare.element;
    else return [];
  }
  const bare = bareSchema(schema);
  return bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
}

function fieldsOf(schema: z.core.$ZodType, path: readonly string[]): ConfigField[] {
  const bare = bareSchema(schema);
  if (bare instanceof z.ZodObject) {
    return Object.entries(bare.shape).flatMap(([key, value]) => fieldsOf(value, [...path, key]));
  }
  const variable = `SLUICE_${path.map((step) => step.replace(/([A-Z])/g, '_$1').toUpperCase()).join('_')}`;
  return [{ path, variable, kind: kindOf(bare) }];
}

function kindOf(bare: z.core.$ZodType): FieldKind {
  if (bare instanceof z.ZodString) return 'text';
  const listOfWords = bare instanceof z.ZodArray && !(bareSchema(bare.element) instanceof z.ZodObject);
  return listOfWords ? 'words' : 'yaml';
}
