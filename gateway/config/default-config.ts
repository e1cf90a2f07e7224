/** The defaults as a commented YAML file that can be saved, changed and loaded back. */
import { z } from 'zod';
import { bareSchema } from '../../classes/schema-faults.ts';
import { configSchema } from './config-schema.ts';

/** Every field with its default and what it is for. API keys are shown as a comment: there is no default for them. */
export function defaultConfigYaml(): string {
  const head = '# Every field of the Sluice configuration with its default. Keep the lines you change.\n';
  return head + linesOf(configSchema, configSchema.parse({}), 0).join('\n') + EXAMPLE_KEYS;
}

const EXAMPLE_KEYS = `
# keys:
#   name-of-the-key:
#     tenants: [acme]
#     algorithm: HS256 # or RS256, EdDSA with jwksFile
#     secret: at-least-32-characters-that-you-keep-secret
`;

function linesOf(schema: z.core.$ZodType, value: unknown, depth: number): string[] {
  const bare = bareSchema(schema);
  if (!(bare instanceof z.ZodObject)) return [];
  const indent = '  '.repeat(depth);
  return Object.entries(bare.shape).flatMap(([key, inner]) => {
    const about = z.globalRegistry.get(inner)?.description;
    const comment = about === undefined ? '' : ` # ${about}`;
    const innerValue = (value as Record<string, unknown>)[key];
    if (bareSchema(inner) instanceof z.ZodObject)
      return [`${indent}${key}:${comment}`, ...linesOf(inner, innerValue, depth + 1)];
    return [`${indent}${key}: ${JSON.stringify(innerValue)}${comment}`];
  });
}
