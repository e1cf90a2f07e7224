/** What one plane process is to be, and with whom it shares. */
import type { LadderLoad } from '../../backpressure/ladder.ts';
import type { CheckedPolicy } from '../config/policy-source.ts';
import type { Log } from '../telemetry/log.ts';
import type { BackoffTimes } from './backoff.ts';
import type { PlaneLeases } from './plane-leases.ts';
import type { PlaneStart } from './plane-link.ts';
import type { PlaneModule } from './plane-spawn.ts';
import type { PermittedSteps } from './process-priority.ts';

export interface PlaneProcessOptions {
  readonly start: Omit<PlaneStart, 'policy'>;
  /** What it starts with. */
  readonly policy: CheckedPolicy;
  readonly module: PlaneModule;
  readonly permitted: PermittedSteps;
  readonly times: BackoffTimes;
  /** Of metadata workers; null for other planes. */
  readonly leases: PlaneLeases | null;
  /** The gateway's level of overload, for a life that begins. */
  readonly ladderLevel: () => number;
  /** Told of every load the plane measures. */
  readonly loaded: (load: LadderLoad) => void;
  readonly log: Log;
}
