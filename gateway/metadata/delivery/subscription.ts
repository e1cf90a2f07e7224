/**
 * What subscribers want, as a filter that is equal by key for equal wishes, so that those who want the same share
 * their messages.
 */

import type { LadderEffects } from '../../../backpressure/ladder-levels.ts';
import { isMetadata, KIND_COUNT, Kind } from '../../../schemas/kinds.ts';
import type { Subscription } from '../../../schemas/proto.ts';

/** Whose interims leave. */
export type Interims = LadderEffects['interims'];

/** What a subscriber wants. `key` is equal for equal wishes. */
export interface Filter {
  readonly key: string;
  /** By kind, 1 where wanted. */
  readonly kinds: Uint8Array;
  /** Empty: any. */
  readonly speakers: ReadonlySet<string>;
  readonly langs: ReadonlySet<string>;
  /** Whose interims it wants most. It filters nothing, and is no part of `key`, until the ladder of overload says so. */
  readonly focus: ReadonlySet<string>;
  /** Speakers whose interims are delivered; null: all that the rest lets pass. */
  readonly interimsOf: ReadonlySet<string> | null;
}

const METADATA_KINDS = Object.values(Kind).filter(isMetadata);
const EVERY_KIND = kindSet(METADATA_KINDS);

/** Wants everything. */
const NOBODY: ReadonlySet<string> = new Set();
const PLAIN = { speakers: NOBODY, langs: NOBODY, focus: NOBODY, interimsOf: null };
export const EVERYTHING: Filter = { ...PLAIN, key: '', kinds: EVERY_KIND };
const NOTHING: Filter = { ...EVERYTHING, key: 'nothing', kinds: kindSet([]) };

/** The filter of a subscription: an empty list means any. */
export function filterOf(subscription: Subscription | null | undefined): Filter {
  const { kinds, speakers, langs, focus } = subscription ?? {};
  const filter = filterFor(kinds ?? [], speakers ?? [], langs ?? []);
  return focus?.length ? { ...filter, focus: new Set(focus) } : filter;
}

/**
 * What is left of a filter without the kinds, speakers and languages of `wish`; nothing when it names none. Speakers
 * and languages can only be taken from a list: who wants any keeps any.
 */
export function filterWithout(filter: Filter, wish: Subscription): Filter {
  const unwanted = [wish.kinds ?? [], wish.speakers ?? [], wish.langs ?? []];
  if (unwanted.every((list) => list.length === 0)) return NOTHING;
  const kinds = METADATA_KINDS.filter((kind) => filter.kinds[kind] === 1 && !wish.kinds?.includes(kind));
  const speakers = [...filter.speakers].filter((speaker) => !wish.speakers?.includes(speaker));
  const langs = [...filter.langs].filter((lang) => !wish.langs?.includes(lang));
  const emptied = speakers.length < Math.min(1, filter.speakers.size) || langs.length < Math.min(1, filter.langs.size);
  return kinds.length === 0 || emptied ? NOTHING : { ...filterFor(kinds, speakers, langs), focus: filter.focus };
}

function filterFor(kinds: readonly number[], speakers: readonly string[], langs: readonly string[]): Filter {
  const wanted = METADATA_KINDS.filter((kind) => kinds.length === 0 || kinds.includes(kind));
  if (wanted.length === METADATA_KINDS.length && speakers.length + langs.length === 0) return EVERYTHING;
  const [sortedSpeakers, sortedLangs] = [[...new Set(speakers)].sort(), [...new Set(langs)].sort()];
  const key = JSON.stringify([wanted, sortedSpeakers, sortedLangs]);
  return { ...PLAIN, key, kinds: kindSet(wanted), speakers: new Set(sortedSpeakers), langs: new Set(sortedLangs) };
}

/** The filter at a level of overload that lets leave all interims, those of speakers in focus, or none. */
export function filterUnder(filter: Filter, interims: Interims): Filter {
  if (interims === 'all') return filter;
  const of = interims === 'none' ? NOBODY : filter.focus;
  return { ...filter, key: `${filter.key}|${JSON.stringify([...of].sort())}`, interimsOf: of };
}

function kindSet(kinds: readonly number[]): Uint8Array {
  const set = new Uint8Array(KIND_COUNT);
  for (const kind of kinds) set[kind] = 1;
  return set;
}
