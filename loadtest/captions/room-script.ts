/**
 * What the speakers of a room say and when: recorded captions, arranged anew for every room.
 *
 * A recogniser that is far away repeats what it is not sure to have delivered, and what it sends may overtake itself. So
 * some fragments come twice (finals too), and some interims come later than they were made, even after their final.
 *
 * Invariants: a script depends on its arguments only; it holds whole segments; finals of a stream are in order, and
 * due times ascend.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../schedule.ts';

export const SPEAKERS_PER_ROOM = 4;
/** Longer silences are shortened to this: people in these rooms do not wait for each other. */
const LONGEST_SILENCE_MS = 1000;
const LATEST_START_MS = 1500;
const REPEATED_SHARE = 0.04;
const REPEATED_WITHIN_MS = 150;
const DELAYED_SHARE = 0.04;
const DELAYED_BY_MS = 150;

/** One fragment as recorded. */
export interface RecordedFragment {
  readonly atMs: number;
  readonly stream: string;
  readonly segment: number;
  readonly revision: number;
  readonly final: boolean;
  readonly text: string;
}

/** One thing to be sent. `dueMs` counts from the start of the run. */
export interface ScriptedFragment {
  /** Number of the speaker, and of the stream, within the room. */
  readonly speaker: number;
  readonly segment: number;
  readonly revision: number;
  readonly final: boolean;
  readonly text: string;
  readonly dueMs: number;
}

/** The recorded streams, each in its order. Throws when a recording cannot be read. */
export function recordedStreams(): RecordedFragment[][] {
  const streams = new Map<string, RecordedFragment[]>();
  for (const name of ['standup', 'support', 'lecture']) {
    const path = fileURLToPath(new URL(`../../gateway/agents/traces/${name}.jsonl`, import.meta.url));
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      if (line === '') continue;
      const fragment = JSON.parse(line) as RecordedFragment;
      streams.set(fragment.stream, [...(streams.get(fragment.stream) ?? []), fragment]);
    }
  }
  return [...streams.values()];
}

/** The script of room number `room`, `durationMs` long; segments that would not end in that time are left out. */
export function roomScript(
  streams: readonly (readonly RecordedFragment[])[],
  room: number,
  durationMs: number,
): ScriptedFragment[] {
  const random = seededRandom(room + 1);
  const script: ScriptedFragment[] = [];
  for (let speaker = 0; speaker < SPEAKERS_PER_ROOM; speaker++) {
    const recorded = streams[(room * SPEAKERS_PER_ROOM + speaker) % streams.length]!;
    for (const fragment of spoken(recorded, speaker, random() * LATEST_START_MS, durationMs)) {
      const late = !fragment.final && random() < DELAYED_SHARE ? random() * DELAYED_BY_MS : 0;
      const sent = { ...fragment, dueMs: fragment.dueMs + late };
      script.push(sent);
      if (random() < REPEATED_SHARE) script.push({ ...sent, dueMs: sent.dueMs + random() * REPEATED_WITHIN_MS });
    }
  }
  return script.sort((one, other) => one.dueMs - other.dueMs);
}

/** What one speaker says, over and over, until the time is up. */
function spoken(
  recorded: readonly RecordedFragment[],
  speaker: number,
  startMs: number,
  durationMs: number,
): ScriptedFragment[] {
  const said: ScriptedFragment[] = [];
  const segments = 1 + Math.max(...recorded.map(({ segment }) => segment));
  let whole = 0;
  let dueMs = startMs;
  let beforeMs = recorded[0]!.atMs;
  for (let index = 0; dueMs <= durationMs; index++) {
    const round = Math.floor(index / recorded.length);
    const { atMs, segment, revision, final, text } = recorded[index % recorded.length]!;
    const gapMs = atMs < beforeMs ? LONGEST_SILENCE_MS : Math.min(atMs - beforeMs, LONGEST_SILENCE_MS);
    dueMs += gapMs;
    beforeMs = atMs;
    if (dueMs > durationMs) break;
    said.push({ speaker, segment: segment + round * segments, revision, final, text, dueMs });
    if (final) whole = said.length;
  }
  return said.slice(0, whole);
}
