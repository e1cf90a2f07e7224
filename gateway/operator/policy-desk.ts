/**
 * Where policies change: every change, whoever asks for it, is checked, kept, put in force in every plane and written
 * down here, one after the other.
 *
 *     HTTP, rollback, SIGHUP, file ─► check ─► If-Match ─► keep ─► planes adopt ─► history, audit, log
 *                                       └──────┴─ refused: log, audit, status, metric; the old one stays
 *
 * Invariants: what is in force is the last entry of the history; nothing that is not valid gets past the check; a version
 * number means one policy only, because frames carry it between processes.
 */
import { type ParsedPolicy, parsePolicy, problemLine } from '../../classes/parse-policy.ts';
import type { Policy } from '../../classes/policy.ts';
import { policyDifferences } from '../../classes/policy-diff.ts';
import type { PolicyDocument } from '../../classes/policy-schema.ts';
import type { PolicyProblem } from '../../classes/policy-text.ts';
import { ConfigError } from '../config/config-error.ts';
import { type CheckedPolicy, type PolicySource, policyHash, policyOf } from '../config/policy-source.ts';
import type { Log } from '../telemetry/log.ts';
import type { AuditLog } from './audit-log.ts';
import type { PlaneAdoption } from './gateway-view.ts';
import type { Acceptance, KeptPolicies, PolicyArchive, PolicyEntry } from './policy-archive.ts';
import type { PolicyFailure, PolicyVerdict, PolicyWish } from './policy-wish.ts';

export interface PolicyDeskParts {
  readonly kept: KeptPolicies;
  readonly archive: PolicyArchive;
  readonly audit: AuditLog;
  readonly log: Log;
}

type Adopt = (policy: CheckedPolicy) => Promise<readonly PlaneAdoption[]>;
type Refused = Extract<PolicyVerdict, { ok: false }>;

export class PolicyDesk {
  /** Wishes that were refused since the start, and that were granted. */
  failures = 0;
  changes = 0;
  lastFailure: PolicyFailure | null = null;
  readonly #parts: PolicyDeskParts;
  #kept: KeptPolicies;
  /** The policy in force with the indexes of all classes there have been: planes know no more of them than this. */
  #compiled: Policy;
  #document: PolicyDocument;
  #adopt: Adopt = async () => [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: PolicyDeskParts) {
    this.#parts = parts;
    this.#kept = parts.kept;
    this.#compiled = policyOf(sourceOf(this.active));
    this.#document = documentOf(this.active.text)!;
  }

  /** From now on this puts policies in force. */
  follow(adopt: Adopt): void {
    this.#adopt = adopt;
  }

  get active(): PolicyEntry {
    return this.#kept.entries.at(-1)!;
  }

  /** Oldest first. */
  get history(): readonly PolicyEntry[] {
    return this.#kept.entries;
  }

  /** The policy in force as planes are handed it. */
  get checked(): CheckedPolicy {
    const { file, text, version, name, hash } = this.active;
    const classNames = this.#compiled.classes.map((each) => each.name);
    return { source: { file, text, classNames, document: this.#document }, version, name, hash };
  }

  get compiled(): Policy {
    return this.#compiled;
  }

  /** Grants a wish or refuses it, after those that came before. */
  propose(wish: PolicyWish): Promise<PolicyVerdict> {
    const verdict = this.#last.then(() => this.#decide(wish));
    this.#last = verdict.catch(() => undefined);
    return verdict;
  }

  /** The entry to go back to: the newest of that version, or, for null, the one before the one in force. */
  earlier(version: number | null): PolicyEntry | null {
    const { active, history } = this;
    const found = history.findLast((each) => (version === null ? each.hash !== active.hash : each.version === version));
    return found ?? null;
  }

  /** A policy file could not be read: nothing changes, and operators are told. */
  unreadable(how: Acceptance, who: string, line: string): void {
    this.#refuse({ source: { file: '', text: '' }, who, from: '', how }, refusal('invalid', [line]));
  }

  async #decide(wish: PolicyWish): Promise<PolicyVerdict> {
    const { source, ifMatch, dryRun } = wish;
    const { active } = this;
    if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== active.hash) {
      const line = `the policy in force is ${active.hash} (version ${active.version}), not ${ifMatch}: look at it and try again`;
      return this.#refuse(wish, refusal('stale', [line]));
    }
    const parsed = parsePolicy(source.text);
    if (!parsed.ok) {
      const lines = parsed.problems.map((problem) => problemLine(source.file, problem));
      return this.#refuse(wish, refusal('invalid', lines, parsed.problems));
    }
    const hash = policyHash(source.text);
    const diff = policyDifferences(this.#document, parsed.document);
    if (hash === active.hash) {
      if (!dryRun) this.#lookedAt(wish, hash);
      return { ok: true, entry: active, changed: false, diff: [], planes: [] };
    }
    const clash = this.#clashOf(parsed);
    if (clash !== null) return this.#refuse(wish, refusal('clash', [`${source.file}: ${clash.message}`], [clash]));
    let compiled: Policy;
    try {
      compiled = policyOf(source, this.#compiled);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return this.#refuse(wish, refusal('invalid', error.problems));
    }
    const entry = this.#entryOf(wish, compiled, hash, diff);
    if (dryRun) return { ok: true, entry, changed: true, diff, planes: [] };
    const unkept = this.#keep(wish, entry);
    if (unkept !== null) return this.#refuse(wish, refusal('unkept', [unkept]));
    this.#compiled = compiled;
    this.#document = parsed.document;
    const planes = await this.#adopt(this.checked);
    this.#accepted(wish, entry, planes);
    return { ok: true, entry, changed: true, diff, planes };
  }

  /** A policy that means something else than one that had its version. */
  #clashOf(parsed: Extract<ParsedPolicy, { ok: true }>): PolicyProblem | null {
    const { version } = parsed.document;
    const known = this.history.findLast((each) => each.version === version);
    const before = known === undefined ? null : documentOf(known.text);
    if (!known || before === null || policyDifferences(before, parsed.document).length === 0) return null;
    const free = Math.max(...this.history.map((each) => each.version)) + 1;
    const message = `version ${version} was another policy, accepted ${known.at}: expected a new number, such as ${free}`;
    return { ...parsed.text.positionOf(['version']), path: 'version', message };
  }

  #entryOf({ source, who, how }: PolicyWish, policy: Policy, hash: string, diff: readonly string[]): PolicyEntry {
    const { version, name } = policy;
    const number = this.active.number + 1;
    const { file, text } = source;
    return { number, version, name, hash, at: new Date().toISOString(), who, how, diff: [...diff], file, text };
  }

  /** Keeps a new entry. Null when that went well; else why not: then only a file, which is there anyway, takes effect. */
  #keep({ how, source }: PolicyWish, entry: PolicyEntry): string | null {
    const ofFile = how === 'file' || how === 'signal';
    const next = {
      fileHash: ofFile ? policyHash(source.text) : this.#kept.fileHash,
      entries: [...this.#kept.entries, entry],
    };
    try {
      this.#kept = this.#parts.archive.keep(next);
      return null;
    } catch (error) {
      const line = `${this.#parts.archive.path}: the policy could not be kept: ${(error as Error).message}; set stateFolder`;
      if (!ofFile) return line;
      this.#parts.log.warn(line);
      this.#kept = next;
      return null;
    }
  }

  /** The file says what is in force already: it is not news after the next start either. */
  #lookedAt({ how }: PolicyWish, hash: string): void {
    if ((how !== 'file' && how !== 'signal') || this.#kept.fileHash === hash) return;
    try {
      this.#kept = this.#parts.archive.keep({ ...this.#kept, fileHash: hash });
    } catch (error) {
      this.#parts.log.warn(`${this.#parts.archive.path}: cannot be written: ${(error as Error).message}`);
    }
  }

  #accepted({ who, from, how }: PolicyWish, entry: PolicyEntry, planes: readonly PlaneAdoption[]): void {
    this.changes++;
    this.lastFailure = null;
    const { version, name, hash, diff } = entry;
    const named = name === '' ? '' : ` "${name}"`;
    this.#parts.log.info({ who, how, diff }, `policy${named} version ${version} (${hash}) is in force`);
    const missing = planes.flatMap(({ plane, worker, error }) =>
      error === null ? [] : [`${plane} ${worker} does not go by policy version ${version}: ${error}`],
    );
    for (const line of missing) this.#parts.log.error(line);
    if (missing.length > 0) this.#failed({ at: entry.at, who, how, lines: missing });
    const details = [...diff, ...missing];
    this.#parts.audit.write({ at: entry.at, who, from, what: deedOf(how), outcome: 'done', details, version, hash });
  }

  #refuse({ who, from, how, dryRun }: PolicyWish, refused: Refused): Refused {
    // Trying out is no failure, and who was overtaken by somebody else is told so himself.
    if (dryRun) return refused;
    const { lines } = refused;
    const at = new Date().toISOString();
    this.#parts.audit.write({ at, who, from, what: deedOf(how), outcome: 'refused', details: lines });
    if (refused.why === 'stale') return refused;
    this.#failed({ at, who, how, lines });
    this.#parts.log.error(
      { who, how, problems: lines },
      `a policy was refused, version ${this.active.version} stays in force`,
    );
    return refused;
  }

  #failed(failure: PolicyFailure): void {
    this.failures++;
    this.lastFailure = failure;
  }
}

function deedOf(how: Acceptance): string {
  if (how === 'rollback') return 'policy.rollback';
  return how === 'http' ? 'policy.apply' : 'policy.reload';
}

function sourceOf({ file, text }: PolicyEntry): PolicySource {
  return { file, text };
}

function documentOf(text: string): PolicyDocument | null {
  const parsed = parsePolicy(text);
  return parsed.ok ? parsed.document : null;
}

function refusal(why: Refused['why'], lines: readonly string[], problems: readonly PolicyProblem[] = []): Refused {
  return { ok: false, why, lines, problems };
}
