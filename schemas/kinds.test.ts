/** The table of kinds says what the schema says. */
import t from 'tap';
import descriptor from './generated/descriptor.json' with { type: 'json' };
import { KIND_COUNT, KIND_NAMES, KIND_USES, Kind, KindUse, PAYLOAD_FIELD_OFFSET } from './kinds.ts';

const types = descriptor.nested.sluice.nested.v1.nested;

t.test('WIRE-17 the kinds are those of the schema, by name and number', async (t) => {
  t.strictSame({ ...Kind }, types.Kind.values);
});

t.test('WIRE-2 the payload of every kind has the field number kind + 16', async (t) => {
  const fields: Record<string, { id: number }> = types.Frame.fields;
  for (const name of types.Frame.oneofs.payload.oneof) {
    t.equal(fields[name]?.id, Kind[name as keyof typeof Kind] + PAYLOAD_FIELD_OFFSET, name);
  }
  t.equal(types.Frame.oneofs.payload.oneof.length, Object.keys(Kind).length - 1, 'and every kind has one');
});

t.test('WIRE-1 every kind fits in seven bits and may be sent by somebody', async (t) => {
  for (const [name, kind] of Object.entries(Kind)) {
    if (kind === Kind.none) continue;
    t.ok(kind > 0 && kind < KIND_COUNT, `${name} fits`);
    t.equal(KIND_NAMES[kind], name);
    t.not(KIND_USES[kind], 0, `${name} has a use`);
    t.equal((KIND_USES[kind]! & KindUse.metadata) !== 0, kind >= Kind.caption, `${name} is metadata from 64 on`);
  }
  t.equal(KIND_USES[Kind.none], 0, 'none is no kind');
});
