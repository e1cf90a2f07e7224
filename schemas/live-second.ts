/** One second of a gateway as `/v1/live` tells it, in JSON. */
import type { AdviceAction } from './advice-actions.ts';

/** Frames per second of one class. `offered` = `delivered` + `merged` + `shed` + `lost` + what began to wait. */
export interface LiveClass {
  readonly name: string;
  readonly plane: 'control' | 'metadata';
  readonly offered: number;
  /** Rejected before they were queued, or evicted after. */
  readonly shed: number;
  readonly merged: number;
  readonly delivered: number;
  /** Undeliverable, failed, malformed or unauthorised. */
  readonly lost: number;
}

/** One second of the gateway. */
export interface LiveSecond {
  /** Wall clock, ms since the epoch. */
  readonly atMs: number;
  readonly classes: readonly LiveClass[];
  /** Calls that got their first answer: how many a second, and how long it took from the join's arrival. */
  readonly setups: { readonly answered: number; readonly failed: number; readonly p50Ms: number | null };
  /** Open signalling sockets. */
  readonly sessions: number;
  /** p99 of the event loop's delay, of the slowest worker. */
  readonly loopDelayMs: { readonly control: number; readonly metadata: number };
  readonly ladder: LiveLadder;
}

/** The ladder of overload: its level, and what that asks of agents and nodes besides what lower ones do. */
export interface LiveLadder {
  readonly level: number;
  /** Empty where nothing is asked. */
  readonly asks: AdviceAction | '';
}
