/** The gateway's seconds, as they are told: what each class was offered and what became of it, and the flood of the moment. */
import { type FloodStatus, floodStatus, LIVE_URL } from './gateway-place.ts';

/** Frames per second of one class. */
export interface LiveClass {
  readonly name: string;
  readonly plane: 'control' | 'metadata';
  readonly offered: number;
  readonly shed: number;
  readonly merged: number;
  readonly delivered: number;
  readonly lost: number;
}

export interface LiveSecond {
  readonly atMs: number;
  readonly classes: readonly LiveClass[];
  readonly setups: { readonly answered: number; readonly failed: number; readonly p50Ms: number | null };
  readonly sessions: number;
}

/** Calls `hear` for every second the gateway tells; `lost` when it falls silent, which the browser tries to mend. */
export function followLive(hear: (second: LiveSecond, flood: FloodStatus) => void, lost: () => void): void {
  const source = new EventSource(LIVE_URL);
  source.onerror = lost;
  source.onmessage = ({ data }) => {
    const second = JSON.parse(String(data)) as LiveSecond;
    floodStatus().then((flood) => hear(second, flood), lost);
  };
}
