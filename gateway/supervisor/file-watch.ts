/**
 * Tells when what a file says may have changed. Its folder is watched, not the file: editors and deployments put a new
 * file, or another link, in the place of the old one.
 *
 *     event in the folder, or a look now and then ─► the file's state ─► the same a moment later? ─► told, if it is new
 *                                                          └──────────── no: it is still being written ◄──┘
 *
 * Invariant: whatever else goes on in the folder neither is told nor delays what is. Where a file system tells of nothing
 * (networks), looking has to do.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** How long the file must have stayed as it is before a change is told. */
const QUIET_MS = 150;
const LOOK_MS = 5000;

/** Calls `changed` after each change; whether the text is another one is for the caller to see. Returns what ends the watch. */
export function watchFile(path: string, changed: () => void): () => void {
  let told = stateOf(path);
  let timer: NodeJS.Timeout | undefined;
  const look = (before: string | null) => {
    timer = undefined;
    const state = stateOf(path);
    if (state === told) return;
    if (state !== before) timer = setTimeout(look, QUIET_MS, state);
    else {
      told = state;
      changed();
    }
  };
  const soon = () => {
    if (timer === undefined) look(null);
  };
  let watcher: FSWatcher | null = null;
  try {
    // Whatever happens in the folder: the file may be a link through another one.
    watcher = watch(dirname(path), { persistent: false }, soon);
    watcher.on('error', () => watcher?.close());
  } catch {
    // Looking has to do.
  }
  const looking = setInterval(soon, LOOK_MS);
  looking.unref();
  return () => {
    clearTimeout(timer);
    clearInterval(looking);
    watcher?.close();
  };
}

function stateOf(path: string): string {
  try {
    const state = statSync(path, { throwIfNoEntry: false });
    return state === undefined ? '' : `${state.ino} ${state.size} ${state.mtimeMs} ${state.ctimeMs}`;
  } catch {
    return '';
  }
}
