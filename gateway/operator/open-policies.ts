/**
 * Which policy a gateway begins with. A policy that was accepted while it ran outlives the restart and goes before the
 * file, unless somebody has written something else into the file since.
 */
import { parsePolicy } from '../../classes/parse-policy.ts';
import { checkedPolicy, type PolicySource, policyHash } from '../config/policy-source.ts';
import type { Log } from '../telemetry/log.ts';
import { AuditLog } from './audit-log.ts';
import { type KeptPolicies, PolicyArchive, type PolicyEntry } from './policy-archive.ts';
import { PolicyDesk } from './policy-desk.ts';

/** What policies are opened with. */
export interface OpenPolicies {
  /** Where what outlives a restart is kept. */
  readonly folder: string;
  /** What the file says, or the default policy. */
  readonly source: PolicySource;
  /** The operators' policy file; null: they brought none. */
  readonly file: string | null;
  readonly log: Log;
}

/** Opens the desk with the policy to begin with, and its audit log. Throws `ConfigError` when the file's policy is not valid. */
export function openPolicies({ folder, source, file, log }: OpenPolicies): { desk: PolicyDesk; audit: AuditLog } {
  const archive = new PolicyArchive(folder);
  const audit = new AuditLog(folder, (line) => log.error(line));
  const obstacle = archive.obstacle();
  if (obstacle !== null) {
    log.warn(`policies cannot be changed over HTTP, because they could not be kept: ${obstacle}; set stateFolder`);
  }
  const fileHash = file === null ? null : policyHash(source.text);
  const before = archive.load((line) => log.error(line));
  const usable = before !== null && mayBeUsed(before, log) ? before : null;
  const changed = usable !== null && fileHash !== null && fileHash !== usable.fileHash;
  let kept: KeptPolicies;
  if (usable === null) kept = { fileHash, entries: [startEntry(source, 1)] };
  else if (!changed) kept = usable;
  else if (usable.entries.at(-1)!.hash === fileHash) kept = { ...usable, fileHash };
  else {
    const number = usable.entries.at(-1)!.number + 1;
    kept = { fileHash, entries: [...usable.entries, startEntry(source, number)] };
    try {
      archive.keep(kept);
    } catch (error) {
      log.warn(`${archive.path}: cannot be written: ${(error as Error).message}`);
    }
  }
  const active = kept.entries.at(-1)!;
  if (usable !== null && !changed) {
    const { version, at, who, how } = active;
    const until = file === null ? '' : `; ${file} is read again when it changes, or at SIGHUP`;
    log.info({ who, how, at }, `policy version ${version} is in force again, as it was accepted${until}`);
  }
  return { desk: new PolicyDesk({ kept, archive, audit, log }), audit };
}

function startEntry(source: PolicySource, number: number): PolicyEntry {
  const { version, name, hash } = checkedPolicy(source);
  const { file, text } = source;
  return {
    number,
    version,
    name,
    hash,
    at: new Date().toISOString(),
    who: 'start',
    how: 'start',
    diff: [],
    file,
    text,
  };
}

/** What an older gateway accepted need not be valid for this one. */
function mayBeUsed({ entries }: KeptPolicies, log: Log): boolean {
  const { version, text } = entries.at(-1)!;
  const parsed = parsePolicy(text);
  if (parsed.ok) return true;
  const why = parsed.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  log.error(`policy version ${version}, accepted earlier, is not valid any more and is not used: ${why}`);
  return false;
}
