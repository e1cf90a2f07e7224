/** Where the planes' code is, and how a process for it is started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PlaneName } from './plane-link.ts';
import { type PermittedSteps, withPriority } from './process-priority.ts';

/** Header room the edge promises; uWebSockets.js reads it from the environment when it is loaded. */
const HEADER_BYTES = 16_384;
const EXTENSION = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
const PLANE_MAIN = fileURLToPath(new URL(`./plane-main.${EXTENSION}`, import.meta.url));

/** The module that holds a plane and the name of its `StartPlane`. */
export interface PlaneModule {
  readonly url: string;
  readonly name: string;
}

export const PLANE_MODULES: Readonly<Record<PlaneName, PlaneModule>> = {
  control: { url: new URL(`../control/control-plane.${EXTENSION}`, import.meta.url).href, name: 'startControlPlane' },
  metadata: {
    url: new URL(`../metadata/metadata-plane.${EXTENSION}`, import.meta.url).href,
    name: 'startMetadataPlane',
  },
};

/**
 * The control plane collects its garbage, of which there is little, by itself: helper threads are ordinary ones, and on a
 * busy machine an event loop that goes before everybody would wait for them. What lives is marked when the heap is four
 * times as large: while it is marked, a plane that is offered too much does half of what it can.
 */
const NODE_FLAGS: Readonly<Record<PlaneName, readonly string[]>> = {
  control: ['--single-threaded-gc', '--heap-growing-percent=300'],
  metadata: [],
};

/** Starts a process at the plane's priority, as far as permitted. It waits to be told what to start with. */
export function spawnPlane(plane: PlaneName, module: PlaneModule, permitted: PermittedSteps): ChildProcess {
  const node = [process.execPath, ...NODE_FLAGS[plane], PLANE_MAIN, module.url, module.name];
  const [command = '', ...rest] = withPriority(plane, permitted, node);
  // `nice` and `chrt` become the process they run, so the channel they inherit stays that process' channel.
  return spawn(command, rest, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, UWS_HTTP_MAX_HEADERS_SIZE: String(HEADER_BYTES) },
  });
}
