/** What a flood did, seen from its own side. What the gateway took of it, the gateway's metrics say. */

export interface FloodReport {
  /** Frames due by the schedule; for floods without one, the same as written. */
  readonly intendedFrames: number;
  /** Frames given to the kernel (for gRPC: to the stream). */
  readonly writtenFrames: number;
  readonly writtenBytes: number;
  /** Frames a cooperative agent kept back, for want of credit or because it was throttled. */
  readonly withheldFrames: number;
  /** Frames the gateway said it had dropped, as far as it said so. */
  readonly throttledFrames: number;
  readonly connections: number;
  /** Refused handshakes by HTTP status; 0: no HTTP answer. */
  readonly refused: Readonly<Record<string, number>>;
  /** Ended connections by close code or gRPC status. */
  readonly closes: Readonly<Record<string, number>>;
  readonly elapsedMs: number;
}

/** Counts as the report says; floods add to it as they go. */
export class FloodCount {
  intendedFrames = 0;
  writtenFrames = 0;
  writtenBytes = 0;
  withheldFrames = 0;
  throttledFrames = 0;
  connections = 0;
  readonly #refused = new Map<string, number>();
  readonly #closes = new Map<string, number>();
  #startMs: number;

  constructor(nowMs: number) {
    this.#startMs = nowMs;
  }

  /** Counts anew from `nowMs`. */
  restart(nowMs: number): void {
    this.#startMs = nowMs;
    this.intendedFrames = 0;
    this.writtenFrames = 0;
    this.writtenBytes = 0;
    this.withheldFrames = 0;
    this.throttledFrames = 0;
    this.connections = 0;
    this.#refused.clear();
    this.#closes.clear();
  }

  refuse(status: number | string): void {
    this.#refused.set(String(status), (this.#refused.get(String(status)) ?? 0) + 1);
  }

  close(code: number | string): void {
    this.#closes.set(String(code), (this.#closes.get(String(code)) ?? 0) + 1);
  }

  report(nowMs: number): FloodReport {
    const { intendedFrames, writtenFrames, writtenBytes, withheldFrames, throttledFrames, connections } = this;
    return {
      intendedFrames,
      writtenFrames,
      writtenBytes,
      withheldFrames,
      throttledFrames,
      connections,
      refused: Object.fromEntries(this.#refused),
      closes: Object.fromEntries(this.#closes),
      elapsedMs: nowMs - this.#startMs,
    };
  }
}

/** A flood that is under way. */
export interface Flood {
  /** Stops sending, closes everything, and says what was done. */
  stop(): Promise<FloodReport>;
}
