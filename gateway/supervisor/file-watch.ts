/**
 * Tells when what a file says may have changed. Its folder is watched, not the file: editors and deployments put a new
 * file, or another link, in the place of the old one. Several events in a row are one change, told when they are over.
 *
 * Where a file system tells of nothing (networks), a look now and then at the file's state does.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** How long it must have been quiet before a change is told. */
const QUIET_MS = 150;
const LOOK_MS = 5000;

/** Calls `changed` after each change; whether the text is another one is for the caller to see. Returns what ends the watch. */
export function watchFile(path: string, changed: () => void): () => void {
  let seen = stateOf(path);
  let timer: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      seen = stateOf(path);
      changed();
    }, QUIET_MS);
  };
  let watcher: FSWatcher | null = null;
  try {
    // Whatever happens in the folder: the file may be a link through another one.
    watcher = watch(dirname(path), { persistent: false }, soon);
    watcher.on('error', () => watcher?.close());
  } catch {
    // Looking has to do.
  }
  const look = setInterval(() => {
    if (stateOf(path) !== seen) soon();
  }, LOOK_MS);
  look.unref();
  return () => {
    clearTimeout(timer);
    clearInterval(look);
    watcher?.close();
  };
}

function stateOf(path: string): string {
  const state = statSync(path, { throwIfNoEntry: false });
  return state === undefined ? '' : `${state.ino} ${state.size} ${state.mtimeMs}`;
}
