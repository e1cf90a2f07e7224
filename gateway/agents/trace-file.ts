/**
 * Recorded captions: one JSON object a line, in time order.
 *
 * Invariants: what is read is complete and of the right types, times never go back, and there is at least one line;
 * anything else is an error that names file and line.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const MAX_TEXT = 8192;
const uint32 = z.number().int().min(0).max(0xffff_ffff);

const fragment = z.object({
  /** From the start of the recording. */
  atMs: z.number().min(0),
  stream: z.string().min(1),
  speaker: z.string().min(1),
  /** The utterance, within its stream. */
  segment: uint32,
  /** Within its segment. */
  revision: uint32,
  final: z.boolean(),
  /** The whole hypothesis so far. */
  text: z.string().max(MAX_TEXT),
});

/** One line of a trace. */
export type Fragment = Readonly<z.infer<typeof fragment>>;

/** What is wrong with a trace, in one line that begins with the file, and the line where there is one. */
export class TraceError extends Error {}

/** Reads a trace. Throws a `TraceError`. */
export function readTrace(path: string): Fragment[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new TraceError(`${path}: cannot be read (${code === 'ENOENT' ? 'no such file' : code})`);
  }
  return parseTrace(path, text);
}

/** Parses the text of a trace; `path` is for the errors. Throws a `TraceError`. */
export function parseTrace(path: string, text: string): Fragment[] {
  const fragments: Fragment[] = [];
  let lastMs = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `${path}:${index + 1}`;
    const parsed = fragment.safeParse(jsonOf(line, where));
    if (!parsed.success) {
      const { path: field, message } = parsed.error.issues[0]!;
      throw new TraceError(`${where}: ${field.join('.') || 'the line'}: ${message}`);
    }
    if (parsed.data.atMs < lastMs) throw new TraceError(`${where}: atMs: expected at least ${lastMs}, the one before`);
    lastMs = parsed.data.atMs;
    fragments.push(parsed.data);
  }
  if (fragments.length === 0) throw new TraceError(`${path}: expected at least one line`);
  return fragments;
}

function jsonOf(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new TraceError(`${where}: expected a JSON object, found ${JSON.stringify(line.slice(0, 40))}`);
  }
}
