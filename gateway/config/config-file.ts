/** A configuration file, YAML or JSON, that still knows on which line everything stands. */
import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { ConfigError } from './config-error.ts';
import { readText } from './read-text.ts';

/** What a file says, and where. */
export interface ConfigFile {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** The line (from 1) of the key at the end of `path`, or of the nearest thing around it that is in the file. */
  lineOf(path: readonly PropertyKey[]): number;
  /** Whether the file says anything at `path`. */
  has(path: readonly PropertyKey[]): boolean;
}

/** Reads a file. Throws `ConfigError` when it cannot be read or is neither YAML nor JSON. */
export function readConfigFile(name: string): ConfigFile {
  return parseConfigFile(name, readText(name));
}

/** Like `readConfigFile`, of text that is at hand. */
export function parseConfigFile(name: string, text: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => `${name}:${lines.linePos(error.pos[0]).line}: not valid YAML: ${error.message}`),
    );
  }
  const root = document.contents;
  const empty = root === null || (isScalar(root) && root.value === null);
  if (!empty && !isMap(root)) throw new ConfigError([`${name}:1: expected a mapping of keys to values`]);
  let values: Record<string, unknown> = {};
  try {
    if (!empty) values = document.toJS() as Record<string, unknown>;
  } catch (error) {
    throw new ConfigError([`${name}: ${(error as Error).message}`]);
  }
  const find = (path: readonly PropertyKey[]) => findNode(root, path);
  return {
    name,
    values,
    lineOf: (path) => lines.linePos(find(path).offset).line || 1,
    has: (path) => find(path).found,
  };
}

/** Walks to `path`; where it ends early, the offset is that of the last key on the way. */
function findNode(root: Node | null, path: readonly PropertyKey[]): { found: boolean; offset: number } {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const step of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) return { found: false, offset };
      if (isNode(pair.key) && pair.key.range) offset = pair.key.range[0];
      next = pair.value;
    } else if (isSeq(node)) {
      next = node.items[Number(step)];
      if (next === undefined) return { found: false, offset };
      if (isNode(next) && next.range) offset = next.range[0];
    } else return { found: false, offset };
    node = next;
  }
  return { found: true, offset };
}
