/** Mistakes in rules and tiers. */
import { readFileSync } from 'node:fs';
import { mistake, testMistakes } from './fixtures/policy-mistakes.ts';

const GOOD = readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8');

testMistakes(GOOD, [
  mistake(
    'a rule for no class',
    'class: premium}',
    'class: premuim}',
    'class: premuim',
    'rules.0.class',
    'there is no class premuim (did you mean "premium"?), expected premium, captions, standard, deferred',
  ),
  mistake(
    'a rule for a control class',
    'class: premium}',
    'class: call-setup}',
    'class: call-setup',
    'rules.0.class',
    'expected a metadata class (premium, captions, standard, deferred), found call-setup, a control class',
  ),
  mistake(
    'a rule for an unknown kind',
    'kind: custom, type',
    'kind: costum, type',
    'kind: costum',
    'rules.0.when.kind',
    'expected one of request, cancel, interrupt, caption, moderation, presence, … (16 words), found "costum" (did you mean "custom"?)',
  ),
  mistake(
    'a rule for a type that is never there',
    'kind: custom, type',
    'kind: gauge, type',
    'type: "alert',
    'rules.0.when.type',
    'can never match: only custom frames have a type, expected kind custom, found gauge',
  ),
  mistake(
    'a rule without conditions',
    '{kind: custom, tenant: acme}',
    '{}',
    'when: {}',
    'rules.1.when',
    'expected at least one condition: kind, type, label, principal, tenant or tier',
  ),
  mistake(
    'a rule for no tier',
    'tenant: acme',
    'tier: glod',
    'tier: glod',
    'rules.1.when.tier',
    'there is no tier glod (did you mean "gold"?), expected standard or gold',
  ),
  mistake(
    'a rule behind a wider one',
    'tenant: acme',
    'type: "alert.fire*"',
    '{when: {kind: custom, type: "alert.fire',
    'rules.1',
    'can never match: rules.0 matches first whatever this one does',
  ),
  mistake(
    'a tenant in two tiers',
    'weightFactor: 4}, standard: {}',
    'tenants: [acme]}, silver: {tenants: [acme]}',
    'acme]}}',
    'tiers.silver.tenants.0',
    'acme is in gold already, expected in one tier',
  ),
]);
