import { readFileSync } from 'node:fs';
import t from 'tap';
import { policyJsonSchema } from './policy-schema.ts';

const textOf = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

t.test('POLICY-9 the JSON Schema is the one of today', async (t) => {
  const kept = JSON.parse(textOf('../schemas/policy.schema.json'));
  t.strictSame(kept, JSON.parse(JSON.stringify(policyJsonSchema())), 'if not, run: npm run generate');
});

t.test('POLICY-10 the schema and the default policy say of what is not enforced that it is not', async (t) => {
  const schema = policyJsonSchema() as { properties: Record<string, { description: string }> };
  for (const section of ['breakers', 'residency', 'consent', 'rollouts']) {
    t.match(schema.properties[section]!.description, /^Not enforced yet: /, section);
  }
  t.match(textOf('./default-policy.yaml'), /^# yaml-language-server: \$schema=/);
});
