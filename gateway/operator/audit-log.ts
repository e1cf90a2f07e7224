/**
 * What operators did, a JSON line each, on disk before the deed is answered. Bounded: a file that is full takes the place
 * of the one before it.
 */
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { appendLine } from './durable-file.ts';

/** One deed: who did what, when, and what came of it. */
export interface AuditEntry {
  readonly at: string;
  readonly who: string;
  /** Where the request came from; empty where none did. */
  readonly from: string;
  readonly what: string;
  readonly outcome: 'done' | 'refused';
  /** What changed, or why it was refused, a line each. */
  readonly details: readonly string[];
  readonly version?: number;
  readonly hash?: string;
}

const FILE = 'audit.jsonl';
const MOST_BYTES = 4_194_304;

export class AuditLog {
  readonly #path: string;
  readonly #report: (line: string) => void;

  /** `folder` is made when something is first written; `report` is told of what cannot be written, in one line. */
  constructor(folder: string, report: (line: string) => void) {
    this.#path = join(folder, FILE);
    this.#report = report;
  }

  /** Writes a deed down. A disk that is full does not keep operators from acting: that it was not written is told. */
  write(entry: AuditEntry): void {
    try {
      if (existsSync(this.#path) && statSync(this.#path).size > MOST_BYTES) renameSync(this.#path, `${this.#path}.1`);
      appendLine(this.#path, JSON.stringify(entry));
    } catch (error) {
      this.#report(`${this.#path}: cannot be written: ${(error as Error).message}: ${JSON.stringify(entry)}`);
    }
  }

  /** The newest `most` deeds, newest first. A line that is broken, as after a crash, is passed over. */
  newest(most: number): AuditEntry[] {
    const found: AuditEntry[] = [];
    for (const path of [this.#path, `${this.#path}.1`]) {
      if (found.length >= most || !existsSync(path)) continue;
      for (const line of readFileSync(path, 'utf8').split('\n').reverse()) {
        if (line !== '' && found.length < most) found.push(...entryOf(line));
      }
    }
    return found;
  }
}

function entryOf(line: string): AuditEntry[] {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'what' in entry ? [entry as AuditEntry] : [];
  } catch {
    return [];
  }
}
