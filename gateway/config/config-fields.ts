/** The fields of the configuration as a list: their paths, environment variables, kinds and what they are for. */
import { z } from 'zod';
import { bareSchema } from '../../classes/schema-faults.ts';
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

/** Every field, in the order of the schema. */
export const CONFIG_FIELDS: readonly ConfigField[] = fieldsOf(configSchema, []);

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
