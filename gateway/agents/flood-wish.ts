/**
 * What a flood of the demo may be: how its agents behave, how many there are and how much they send together. Bounded,
 * so that a slip of the hand on a page cannot take the machine.
 */

/**
 * Cooperative agents heed credits and throttling; over-rate ones send on regardless; rude ones read nothing at all and,
 * when they are cut, come back at once as somebody new.
 */
export const FLOOD_TEMPERS = ['cooperative', 'over-rate', 'rude'] as const;
export type FloodTemper = (typeof FLOOD_TEMPERS)[number];

export const MOST_FLOOD_AGENTS = 200;
export const MOST_FLOOD_FRAMES_PER_SECOND = 100_000;
/** A flood ends by itself after this long. */
export const FLOOD_MS = 60_000;

export interface FloodWish {
  readonly temper: FloodTemper;
  readonly agents: number;
  /** Of all agents together. */
  readonly framesPerSecond: number;
}

/** Where the flood goes, and the API key its agents' tokens are signed with. */
export interface FloodTarget {
  /** `ws://host:7481/v1/metadata`, or `wss:` */
  readonly metadataUrl: string;
  /** The certificate to trust, where it is signed by nobody known. */
  readonly certFile?: string;
  readonly apiKey: string;
  readonly secret: string;
  readonly tenant: string;
}

/** What the flood's process is started with. */
export interface FloodOrder {
  readonly wish: FloodWish;
  readonly target: FloodTarget;
  /** At most `FLOOD_MS`. */
  readonly durationMs: number;
}

/** What the agents have done so far. */
export interface FloodCount {
  readonly connected: number;
  readonly writtenFrames: number;
  /** Due, but not sent: no credit, throttled, or the socket is full. */
  readonly withheldFrames: number;
  /** Connections that ended against the agents' will. */
  readonly cuts: number;
}

/** Reads a wish from outside; a string says what was expected. */
export function readFloodWish(value: unknown): FloodWish | string {
  if (typeof value !== 'object' || value === null) return 'expected an object {temper, agents, framesPerSecond}';
  const { temper, agents, framesPerSecond, ...rest } = value as Record<string, unknown>;
  const known = FLOOD_TEMPERS.find((word) => word === temper);
  if (known === undefined) return `temper: expected one of ${FLOOD_TEMPERS.join(', ')}`;
  if (!isCount(agents, MOST_FLOOD_AGENTS)) return `agents: expected a whole number from 1 to ${MOST_FLOOD_AGENTS}`;
  if (!isCount(framesPerSecond, MOST_FLOOD_FRAMES_PER_SECOND)) {
    return `framesPerSecond: expected a whole number from 1 to ${MOST_FLOOD_FRAMES_PER_SECOND}`;
  }
  const [stranger] = Object.keys(rest);
  return stranger === undefined ? { temper: known, agents, framesPerSecond } : `${stranger}: no such member`;
}

function isCount(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
}
