/** The house rules, on the project itself; and that each of them can be broken. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { MAX_LINES, specFaults, tidyFaults } from './tidy-rules.ts';
import { parseSource, readSources } from './tidy-source.ts';

const root = join(import.meta.dirname, '..');
const FOLDERS = ['.ci', 'schemas', 'classes', 'backpressure', 'gateway', 'loadtest', 'dashboards'];
const sources = readSources(root, FOLDERS);

t.test('TIDY-1 the project is tidy, by this and the following rules', async (t) => {
  t.ok(sources.length > 50, `${sources.length} files were looked at`);
  t.strictSame(tidyFaults(sources), []);
});

t.test('TIDY-5 rules and tests agree', async (t) => {
  const tests = sources.filter((source) => source.path.endsWith('.test.ts'));
  t.strictSame(specFaults(readFileSync(join(root, 'docs/spec.md'), 'utf8'), tests), []);
});

/** Samples that break one rule each: path and code by what the fault says. A header comes before the code. */
const samples: readonly (readonly [title: string, path: string, code: string, fault: string | null])[] = [
  [
    'TIDY-1 classes → gateway',
    'classes/a.ts',
    "import { x } from '../gateway/a.ts';",
    'classes/ must not import gateway/a.ts',
  ],
  [
    'TIDY-1 schemas → classes',
    'schemas/a.ts',
    "import type { X } from '../classes/a.ts';",
    'schemas/ must not import classes/a.ts',
  ],
  [
    'TIDY-1 backpressure → gateway',
    'backpressure/a.ts',
    "export * from '../gateway/a.ts';",
    'backpressure/ must not import gateway/a.ts',
  ],
  [
    'TIDY-1 loadtest → gateway',
    'loadtest/a.ts',
    "const a = await import('../gateway/edge/a.ts');",
    'loadtest/ must not import gateway/edge/a.ts',
  ],
  ['TIDY-1 loadtest → gateway/client', 'loadtest/a.ts', "import { x } from '../gateway/client/a.ts';", null],
  [
    'TIDY-1 client → control',
    'gateway/client/a.ts',
    "import { x } from '../control/a.ts';",
    'gateway/client/ must not import gateway/control/a.ts',
  ],
  [
    'TIDY-1 plane → plane',
    'gateway/control/a.ts',
    "import { x } from '../metadata/a.ts';",
    'must not import each other',
  ],
  [
    'TIDY-1 an import over several lines',
    'classes/a.ts',
    "import {\n  x,\n} from '../gateway/a.ts';",
    'classes/ must not import gateway/a.ts',
  ],
  ['TIDY-1 an import in a comment', 'classes/a.ts', "// import { x } from '../gateway/a.ts';", null],
  [
    'TIDY-1 an import for its effects',
    'classes/a.ts',
    "import '../gateway/a.ts';",
    'classes/ must not import gateway/a.ts',
  ],
  [
    'TIDY-2 uWebSockets.js',
    'gateway/control/a.ts',
    "import uws from 'uWebSockets.js';",
    'uWebSockets.js may be imported only in',
  ],
  [
    'TIDY-2 grpc-js',
    'gateway/metadata/a.ts',
    "import { Server } from '@grpc/grpc-js';",
    '@grpc/grpc-js may be imported only in',
  ],
  ['TIDY-2 ioredis', 'gateway/edge/a.ts', "import { Redis } from 'ioredis';", 'ioredis may be imported only in'],
  [
    'TIDY-2 OpenTelemetry',
    'gateway/edge/a.ts',
    "import api from '@opentelemetry/api';",
    '@opentelemetry may be imported only in',
  ],
  ['TIDY-2 opossum', 'gateway/control/a.ts', "import Breaker from 'opossum';", 'opossum may be imported only in'],
  ['TIDY-2 at home', 'gateway/edge/a.ts', "import uws from 'uWebSockets.js';", null],
  ['TIDY-3 a clock', 'classes/a.ts', 'const now = Date.now();', 'a pure folder uses Date.now'],
  ['TIDY-3 a timer', 'backpressure/a.ts', 'setTimeout(() => {}, 1);', 'a pure folder uses setTimeout'],
  ['TIDY-3 the environment', 'schemas/a.ts', 'const home = process.env.HOME;', 'a pure folder uses process.'],
  ['TIDY-3 events', 'classes/a.ts', "import { once } from 'node:events';", 'a pure folder imports node:events'],
  ['TIDY-3 a clock in words only', 'classes/a.ts', "const text = 'Date.now()'; // Date.now()", null],
  ['TIDY-3 a clock in the gateway', 'gateway/edge/a.ts', 'const now = Date.now();', null],
  ['TIDY-4 a long file', 'classes/a.ts', '\n'.repeat(MAX_LINES), `longer than ${MAX_LINES} lines`],
  ['TIDY-4 a long test', 'classes/a.test.ts', '\n'.repeat(MAX_LINES), null],
  ['TIDY-4 a name in camel case', 'classes/someThing.ts', '', 'the file name is not in kebab-case'],
  ['TIDY-4 a name that says nothing', 'classes/bucket-utils.ts', '', 'the file name says "utils"'],
  ['TIDY-4 a default export', 'classes/a.ts', 'export default 1;', 'a default export'],
  ['TIDY-4 the type any', 'classes/a.ts', 'const a: any = 1;', 'the type any'],
  ['TIDY-4 an array of any', 'classes/a.ts', 'let a: Map<string, any[]>;', 'the type any'],
  ['TIDY-4 a cast to any', 'classes/a.ts', 'const a = 1 as any;', 'the type any'],
  ['TIDY-4 any as a word', 'classes/a.ts', "const a = 'as any'; // : any", null],
  ['TIDY-4 a vague verb', 'gateway/edge/a.ts', 'function handleFrame() {}', '"function handleFrame"'],
  ['TIDY-4 work left over', 'classes/a.ts', '// TODO: later', 'TODO left over'],
  ['TIDY-4 a silenced checker', 'classes/a.ts', '// @ts-expect-error', '@ts-expect-error left over'],
  ['TIDY-4 no docstring', 'classes/a.ts', 'export function f() {}', 'an exported function without a docstring'],
  [
    'TIDY-4 no docstring, async',
    'classes/a.ts',
    'export async function f() {}',
    'an exported function without a docstring',
  ],
  [
    'TIDY-4 no docstring, arrow',
    'classes/a.ts',
    'export const f = (a: number): number => a;',
    'an exported function without a docstring',
  ],
  ['TIDY-4 a docstring', 'classes/a.ts', '/** What for. */\nexport function f() {}', null],
];
for (const [title, path, code, fault] of samples) {
  t.test(`${title} is ${fault === null ? 'taken' : 'refused'}`, async (t) => {
    const faults = tidyFaults([{ path, text: `/** What it is for. */\n\n${code}\n` }]);
    if (fault === null) t.strictSame(faults, []);
    else t.ok(faults.length === 1 && faults[0]!.includes(fault), `one fault: ${fault}`, { found: faults });
  });
}

t.test('TIDY-4 a file without a header is refused', async (t) => {
  t.strictSame(tidyFaults([{ path: 'classes/a.ts', text: 'const a = 1;\n' }]), [
    'classes/a.ts:1: no header comment says what the file is for',
  ]);
});

t.test('TIDY-1 a cycle of values is refused, one of types is not', async (t) => {
  const cycle = (type: string) => [
    { path: 'classes/a.ts', text: "/** a */\nimport { b } from './b.ts';\n" },
    { path: 'classes/b.ts', text: "/** b */\nimport { c } from './c.ts';\n" },
    { path: 'classes/c.ts', text: `/** c */\nimport ${type}{ a } from './a.ts';\n` },
  ];
  t.match(tidyFaults(cycle('')), [/import cycle: classes\/a.ts → classes\/b.ts → classes\/c.ts → classes\/a.ts/]);
  t.strictSame(tidyFaults(cycle('type ')), []);
});

t.test('TIDY-5 a rule without a test, a test without a rule and a rule given twice are found', async (t) => {
  const spec = '- **WIRE-1** one\n- **WIRE-2** two\n- **WIRE-2** again\n';
  const quote = "'";
  const text = `t.test(${quote}WIRE-1 shown${quote}, f);\nt.test(${quote}WIRE-9 unknown${quote}, f);\n`;
  t.strictSame(specFaults(spec, [{ path: 'a.test.ts', text }]), [
    'WIRE-2: given twice',
    'a.test.ts:2: WIRE-9 is no rule',
    'WIRE-2: no test shows it',
    'WIRE-2: no test shows it',
  ]);
});

t.test('TIDY-4 code, comments and literals are told apart', async (t) => {
  const text = "const a = /['\"]/; // it's\nconst b = `x y`; /* \" */ const c = 4 / 2 / 1; 'd';\n";
  const { code, comments } = parseSource({ path: 'classes/a.ts', text });
  t.equal(code.length, text.length);
  t.match(comments, /^ +\/\/ it's\n +\/\* " \*\/ +\n$/);
  t.match(code, /const a = \/ +\/; +\nconst b = ` +`; +const c = 4 \/ 2 \/ 1; ' ';\n/);
});
