/** What the operator API may ask about the gateway. Every answer is at hand: nothing waits for a plane. */
import type { LadderStatus } from '../ladder/gateway-ladder.ts';
import type { MetricFamily } from '../telemetry/metric-family.ts';
import type { PlaneSnapshot } from '../telemetry/plane-counters.ts';
import type { LiveReading } from './live-feed.ts';

interface PlaneId {
  readonly plane: 'control' | 'metadata';
  readonly worker: number;
}

/** Whether the gateway and each plane may be sent traffic, and why not. */
export interface Readiness {
  readonly ready: boolean;
  readonly draining: boolean;
  readonly planes: readonly (PlaneId & { readonly ready: boolean; readonly reasons: readonly string[] })[];
}

export interface PlaneStatus extends PlaneId {
  readonly state: string;
  readonly pid: number | null;
  /** Nice values of the process' threads, and how many of them are in the real-time class. */
  readonly priorities: {
    readonly least: number;
    readonly most: number;
    readonly threads: number;
    readonly realTime: number;
  } | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly restarts: number;
  readonly lastDeath: string | null;
  /** Of the policy it goes by; empty while it is starting. */
  readonly policyHash: string;
  readonly health: { readonly ready: boolean; readonly reasons: readonly string[] };
  readonly snapshot: PlaneSnapshot | null;
}

/** How a plane took an order to go by another policy; `error` is null where it does, or will once it is back. */
export interface PlaneAdoption extends PlaneId {
  readonly error: string | null;
}

export interface GatewayStatus {
  readonly gatewayId: string;
  readonly region: string;
  readonly version: string;
  readonly policyVersion: number;
  readonly startedAt: string;
  readonly policyName: string;
  readonly policyHash: string;
  readonly pid: number;
  readonly planes: readonly PlaneStatus[];
}

export interface GatewayView {
  status(): GatewayStatus;
  readiness(): Readiness;
  families(): readonly MetricFamily[];
  live(): readonly LiveReading[];
  ladder(): LadderStatus;
  /** Holds a level of overload; null: lets the load decide. Throws a RangeError where the policy has no such level. */
  pinLadder(level: number | null): void;
}
