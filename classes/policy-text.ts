/** The text of a policy, YAML or JSON, as values that still know on which line and column everything stands. */
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';

/** The longest text that is read. */
export const MAX_POLICY_CHARACTERS = 1_048_576;

/** One thing that is wrong with a policy, and where: lines and columns count from 1. */
export interface PolicyProblem {
  readonly line: number;
  readonly column: number;
  /** Keys and indexes joined by dots; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** What the text says. */
export interface PolicyText {
  readonly values: unknown;
  /** Where the key at the end of `path` stands, or the nearest thing around it that is in the text. */
  positionOf(path: readonly PropertyKey[]): { readonly line: number; readonly column: number };
}

/** Reads the text. What is not YAML, or says a key twice, comes back as problems. Never throws. */
export function readPolicyText(text: string): PolicyText | PolicyProblem[] {
  if (text.length > MAX_POLICY_CHARACTERS) {
    return [{ line: 1, column: 1, path: '', message: `expected at most ${MAX_POLICY_CHARACTERS} characters` }];
  }
  const lines = new LineCounter();
  const problemAt = (offset: number, message: string): PolicyProblem => {
    const { line, col } = lines.linePos(offset);
    return { line: line || 1, column: col || 1, path: '', message };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const faults: YAMLError[] = [...document.errors, ...document.warnings];
    if (faults.length > 0) return faults.map((fault) => problemAt(fault.pos[0], wordsOf(fault, text)));
    const hidden: PolicyProblem[] = [];
    visit(document, {
      Pair(_, { key }) {
        // An object cannot hold it as a key, so nothing later would see it.
        if (isScalar(key) && key.value === '__proto__' && key.range)
          hidden.push(problemAt(key.range[0], 'there is no key "__proto__"'));
      },
    });
    if (hidden.length > 0) return hidden;
    const root = document.contents;
    if (!isMap(root)) {
      return [
        problemAt(root?.range?.[0] ?? 0, 'expected a policy: version, classes, kinds and so on, each on its line'),
      ];
    }
    return { values: document.toJS() as unknown, positionOf: (path) => positionOf(root, path, lines) };
  } catch (error) {
    // Nested too deeply, or aliases that would explode.
    return [{ line: 1, column: 1, path: '', message: `cannot be read as YAML: ${(error as Error).message}` }];
  }
}

function wordsOf(fault: YAMLError, text: string): string {
  if (fault.code === 'DUPLICATE_KEY') {
    const word = /^[\w.-]+/.exec(text.slice(fault.pos[0]).replace(/^["']/, ''))?.[0] ?? '';
    return `the key "${word}" stands here a second time: expected each key once`;
  }
  const firstLine = fault.message.split('\n')[0]!;
  return `not valid YAML: ${firstLine}`;
}

function positionOf(root: Node, path: readonly PropertyKey[], lines: LineCounter): { line: number; column: number } {
  let node: unknown = root;
  let offset = root.range?.[0] ?? 0;
  for (const step of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) break;
      if (isNode(pair.key) && pair.key.range) offset = pair.key.range[0];
      next = pair.value;
    } else if (isSeq(node)) {
      next = node.items[Number(step)];
      if (isNode(next) && next.range) offset = next.range[0];
    }
    // What an alias stands for is written elsewhere: the alias is the place to look at.
    if (!isNode(next) || isAlias(next)) break;
    node = next;
  }
  const { line, col } = lines.linePos(offset);
  return { line: line || 1, column: col || 1 };
}
