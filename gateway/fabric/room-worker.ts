/**
 * Which metadata worker serves a room. The control plane tells clients and nodes, the workers check it: both must
 * use this one function.
 */
import { hashOf } from './rendezvous.ts';

/** The metadata worker, 0 to `workers` − 1, of a tenant's room: the same in every process for the same count. */
export function roomWorker(tenant: string, room: string, workers: number): number {
  let chosen = 0;
  let highest = -1;
  for (let worker = 0; worker < workers; worker++) {
    const score = hashOf(tenant, room, String(worker));
    if (score > highest) {
      highest = score;
      chosen = worker;
    }
  }
  return chosen;
}
