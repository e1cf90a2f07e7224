/**
 * The policies a gateway has accepted, on disk: what is in force outlives a restart, and what was can be gone back to.
 *
 * One file holds all of it and is replaced as a whole. Invariants: the last entry is the policy in force; the text of an
 * entry is the one its hash was made of. A file of which that cannot be said is put aside and told of, never used; what
 * another gateway has put there is not written over.
 */
import { accessSync, constants, existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { policyHash } from '../config/policy-source.ts';
import { replaceFile } from './durable-file.ts';

/** How a policy came to be in force. */
export const ACCEPTANCES = ['start', 'http', 'rollback', 'signal', 'file'] as const;
export type Acceptance = (typeof ACCEPTANCES)[number];

const entry = z.strictObject({
  number: z.int().min(1),
  version: z.int().min(1),
  name: z.string(),
  hash: z.string(),
  at: z.iso.datetime(),
  who: z.string(),
  how: z.enum(ACCEPTANCES),
  diff: z.array(z.string()),
  file: z.string(),
  text: z.string(),
});

const archive = z.strictObject({
  format: z.literal(1),
  fileHash: z.string().nullable(),
  entries: z.array(entry).min(1),
});

/** One acceptance: `number` counts them, `diff` is against the one before, `file` is what the text is called in errors. */
export type PolicyEntry = Readonly<z.output<typeof entry>>;

/** What is kept. `fileHash`: of the policy file as it was last looked at; null where there is none. */
export interface KeptPolicies {
  readonly fileHash: string | null;
  readonly entries: readonly PolicyEntry[];
}

const FILE = 'policies.json';
const MOST_ENTRIES = 200;
const MOST_TEXT_CHARACTERS = 8_388_608;

export class PolicyArchive {
  readonly path: string;
  /** The hash of the policy in force, as we have read or written it last. */
  #known: string | null = null;

  /** `folder` is made when something is first kept. */
  constructor(folder: string) {
    this.path = join(folder, FILE);
  }

  /** What was kept; null where nothing was. A file that cannot be used is put aside, and `report` is told in one line. */
  load(report: (line: string) => void): KeptPolicies | null {
    if (!existsSync(this.path)) return null;
    let fault: string;
    try {
      const parsed = archive.safeParse(JSON.parse(readFileSync(this.path, 'utf8')));
      const wrong = parsed.data?.entries.find(({ text, hash }) => policyHash(text) !== hash);
      if (parsed.success && wrong === undefined) {
        this.#known = parsed.data.entries.at(-1)!.hash;
        return parsed.data;
      }
      fault = wrong ? `the text of number ${wrong.number} is not the one that was kept` : 'it is not what was written';
    } catch (error) {
      fault = (error as Error).message;
    }
    report(`${this.path}: the kept policies cannot be used (${fault}); the file is put aside as ${this.#putAside()}`);
    return null;
  }

  /** Why nothing will be kept, as far as that can be seen without writing; null: nothing is seen to be in the way. */
  obstacle(): string | null {
    let folder = dirname(this.path);
    while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
    if (!statSync(folder).isDirectory()) return `${folder} is no folder`;
    try {
      accessSync(folder, constants.W_OK | constants.X_OK);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /**
   * Keeps the policies, the oldest of too many left out; returns what was kept. Throws as node:fs does, and where another
   * gateway keeps its own policies in the same file.
   */
  keep({ fileHash, entries }: KeptPolicies): KeptPolicies {
    let characters = 0;
    const newest = entries.toReversed().slice(0, MOST_ENTRIES);
    const fitting = newest.filter(({ text }, index) => {
      characters += text.length;
      return index < 2 || characters <= MOST_TEXT_CHARACTERS;
    });
    const kept = { fileHash, entries: fitting.reverse() };
    const hash = entries.at(-1)!.hash;
    const there = this.#hashThere();
    // Planes of one gateway may be run apart: they read the same policy file and agree.
    if (there !== null && there !== this.#known && there !== hash) {
      throw new Error(`another gateway has put policy ${there} there: each needs its own gatewayId or stateFolder`);
    }
    replaceFile(this.path, `${JSON.stringify({ format: 1, ...kept })}\n`);
    this.#known = hash;
    return kept;
  }

  /** The hash of the policy that the file has in force at the moment; null where nothing can be read. */
  #hashThere(): string | null {
    try {
      const parsed = archive.safeParse(JSON.parse(readFileSync(this.path, 'utf8')));
      return parsed.data?.entries.at(-1)?.hash ?? null;
    } catch {
      return null;
    }
  }

  #putAside(): string {
    const aside = `${this.path}.broken`;
    try {
      renameSync(this.path, aside);
      return aside;
    } catch {
      return this.path;
    }
  }
}
