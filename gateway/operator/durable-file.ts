/** Files that survive a crash at any moment: written whole beside the old one and renamed over it, or appended to line by line. */
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Secrets may stand in what operators write into policies' comments: others have no business here. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Replaces the file by `text`: after a crash there is the old text or the new one, never a part. Throws as node:fs does. */
export function replaceFile(path: string, text: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  const beside = `${path}.${process.pid}.new`;
  try {
    writeThrough(beside, 'w', text);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/** Adds a line and does not return before it is on the disk; a line that a crash has cut off ends first. Throws as node:fs does. */
export function appendLine(path: string, line: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
  writeThrough(path, 'a+', `${line}\n`);
}

function writeThrough(path: string, flag: 'w' | 'a+', text: string): void {
  const file = openSync(path, flag, FILE_MODE);
  try {
    const bytes = Buffer.from(flag === 'a+' && isCutOff(file) ? `\n${text}` : text);
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function isCutOff(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 10;
}

/** The rename itself is in the folder. Systems that cannot sync folders have done what they can. */
function syncFolder(folder: string): void {
  let handle: number | null = null;
  try {
    handle = openSync(folder, 'r');
    fsyncSync(handle);
  } catch {
    // As said.
  } finally {
    if (handle !== null) closeSync(handle);
  }
}
