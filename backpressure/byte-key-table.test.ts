import fc from 'fast-check';
import t from 'tap';
import { ByteKeyTable, equalBytes, hashBytes } from './byte-key-table.ts';

/** Few letters and few lengths: many keys are asked for twice, and many share a slot. */
const key = fc.array(fc.constantFrom(0, 1, 97, 255), { maxLength: 4 }).map((bytes) => Uint8Array.from(bytes));
const steps = fc.array(
  fc.record({ key, verb: fc.constantFrom('insert', 'insert', 'delete', 'find'), value: fc.nat() }),
  { maxLength: 300, size: 'max' },
);

t.test('META-21 keys of a room are found, replaced and removed as in a Map', async (t) => {
  fc.assert(
    fc.property(steps, (taken) => {
      const table = new ByteKeyTable<number>();
      const model = new Map<string, number>();
      for (const { key, verb, value } of taken) {
        const name = key.join();
        // Inside a larger buffer, as on the path of a frame.
        const bytes = Uint8Array.from([7, ...key, 7, 7]);
        const end = 1 + key.length;
        if (verb === 'insert' && !model.has(name)) {
          table.insert(bytes, 1, end, value);
          model.set(name, value);
          bytes.fill(0);
        } else if (verb === 'delete') {
          if (table.delete(bytes, 1, end) !== model.delete(name)) throw new Error(`delete ${name}`);
        } else if (table.find(bytes, 1, end) !== model.get(name)) throw new Error(`find ${name}`);
        if (table.size !== model.size) throw new Error(`${table.size} instead of ${model.size}`);
      }
      const found = new Map<string, number>();
      table.forEach((value, stored) => {
        found.set(stored.join(), value);
      });
      if (found.size !== model.size) throw new Error(`${found.size} visited of ${model.size}`);
      for (const [name, value] of found) if (model.get(name) !== value) throw new Error(`${name} was visited wrongly`);
      for (const [name, value] of model) {
        const stored = name === '' ? new Uint8Array() : Uint8Array.from(name.split(',').map(Number));
        if (table.find(stored, 0, stored.length) !== value) throw new Error(`${name} is lost`);
      }
    }),
    { numRuns: 300, verbose: 1 },
  );
  t.pass('in any order of insertion and deletion');
});

t.test('META-21 keys of one hash are told apart, and deleting one keeps the others in reach', async (t) => {
  const size = 16;
  const colliding: Uint8Array[] = [];
  for (let number = 0; colliding.length < 7; number++) {
    const bytes = Uint8Array.from([number & 0xff, number >> 8]);
    // At the end of the table, so that the run wraps around.
    if ((hashBytes(bytes, 0, 2) & (size - 1)) === size - 2) colliding.push(bytes);
  }
  for (let removed = 0; removed < colliding.length; removed++) {
    const table = new ByteKeyTable<number>();
    colliding.forEach((bytes, index) => {
      table.insert(bytes, 0, 2, index);
    });
    t.ok(table.delete(colliding[removed]!, 0, 2));
    t.same(
      colliding.map((bytes) => table.find(bytes, 0, 2)),
      colliding.map((_, index) => (index === removed ? undefined : index)),
    );
  }
  t.ok(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(0, 1, 2), 1, 3));
  t.notOk(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(0, 1, 2), 1, 2));
});
