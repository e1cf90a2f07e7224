/**
 * Whoever publishes metadata into a room: a client's session, or a participant a node speaks for. Holds what every
 * frame of theirs is stamped with and judged by, prepared once.
 */
import { AcceptedNumbers } from '../../../backpressure/accepted-numbers.ts';
import { ByteKeyTable, hashBytes } from '../../../backpressure/byte-key-table.ts';
import type { FrameClassifier } from '../../../classes/frame-classifier.ts';
import { type Policy, UNCLASSIFIED } from '../../../classes/policy.ts';
import { isMetadata, KIND_COUNT, Kind, type KindName } from '../../../schemas/kinds.ts';
import type { RoomFrame } from './room-frame.ts';

const TAG_FROM = 0x1a;
const TAG_NODE = 0x22;
const TAG_CLASS = 0x32;

/** What a `standard` principal may publish; agents and nodes may publish every metadata kind. */
const STANDARD_KINDS: readonly KindName[] = ['presence', 'gauge', 'feedback', 'custom'];

/** Why a publisher may not send a kind: 0 it may, else one of these. */
export const Refusal = { none: 0, kindNotAllowed: 1, notAPublisher: 2 } as const;

export class Publisher {
  /** Who frames are said to be from. */
  readonly identity: string;
  /** The node that forwards for them; empty for a client. */
  readonly node: string;
  /** Owner of the streams this publisher opens: a client's identity or a node, never equal to each other. */
  readonly owner: string;
  /** May write to streams others own and speak as any speaker. */
  readonly trusted: boolean;
  /** Row of this publisher's buckets in the admission arrays. */
  readonly bucketRow: number;
  /** Which class each frame has, and which classes the access token allows. */
  readonly classifier: FrameClassifier;
  /** For the overload cursor: whose the frames are. */
  readonly tenantHash: number;
  readonly sessionHash: number;
  /** By kind: 0 may publish, else a `Refusal`. Shared between publishers of equal rights. */
  refusals: Uint8Array;
  /** Which of its numbered frames have been taken; `accepted` tells it. */
  readonly accepted = new AcceptedNumbers();
  acceptedTold = 0;
  /** Asks it for the whole of a segment, or of a turn (segment 0), of which something is missing. */
  askSnapshot: ((name: string, segment: number) => void) | null = null;

  #sender: Buffer | null = null;
  readonly #policy: Policy;
  readonly #suffixes: (Buffer | undefined)[] = [];
  readonly #keysByKind = new Map<number, ByteKeyTable<RoomFrame>>();

  constructor(options: {
    identity: string;
    node: string;
    trusted: boolean;
    bucketRow: number;
    refusals: Uint8Array;
    classifier: FrameClassifier;
    policy: Policy;
  }) {
    this.identity = options.identity;
    this.node = options.node;
    // No identity begins with a zero character that the edge would let in: a client cannot be taken for a node.
    this.owner = options.node === '' ? options.identity : `\0${options.node}`;
    this.trusted = options.trusted;
    this.bucketRow = options.bucketRow;
    this.refusals = options.refusals;
    this.classifier = options.classifier;
    this.tenantHash = hashOf(this.classifier.tenant);
    this.sessionHash = hashOf(`${this.classifier.tenant}\0${this.owner}\0${this.identity}`);
    this.#policy = options.policy;
  }

  /** Who it is on this connection and the next, by owner and identity, as bytes that end with 0. */
  get sender(): Buffer {
    this.#sender ??= Buffer.from(`${this.owner}\0${this.identity}\0`, 'utf8');
    return this.#sender;
  }

  /** The live values this publisher keeps of a keyed kind, by key. */
  keysOf(kind: number): ByteKeyTable<RoomFrame> {
    let keys = this.#keysByKind.get(kind);
    if (keys === undefined) {
      keys = new ByteKeyTable();
      this.#keysByKind.set(kind, keys);
    }
    return keys;
  }

  /** The tables of `keysOf` so far. */
  keyTables(): IterableIterator<ByteKeyTable<RoomFrame>> {
    return this.#keysByKind.values();
  }

  /** Takes the key out whose value the frame is. */
  forgetKeyOf(frame: RoomFrame): void {
    for (const keys of this.keyTables()) {
      const emptied: Uint8Array[] = [];
      keys.forEach((kept, key) => {
        if (kept === frame) emptied.push(key);
      });
      for (const key of emptied) keys.delete(key, 0, key.length);
    }
  }

  clearKeys(): void {
    this.#keysByKind.clear();
  }

  /** The envelope fields `from`, `node` and `class` as they stand at the end of each frame of the class. */
  suffix(classIndex: number): Buffer {
    let suffix = this.#suffixes[classIndex];
    if (suffix === undefined) {
      const name = this.#policy.classes[classIndex]?.name ?? UNCLASSIFIED;
      suffix = Buffer.concat([
        stringField(TAG_FROM, this.identity),
        this.node === '' ? Buffer.alloc(0) : stringField(TAG_NODE, this.node),
        stringField(TAG_CLASS, name),
      ]);
      this.#suffixes[classIndex] = suffix;
    }
    return suffix;
  }
}

/** Refusals by kind for what a token grants. The same arguments give the same array. */
export function refusalsFor(kind: 'standard' | 'agent', canPublishData: boolean): Uint8Array {
  return REFUSALS[kind === 'agent' ? 1 : 0]![canPublishData ? 1 : 0]!;
}

const REFUSALS = [false, true].map((agent) =>
  [false, true].map((mayPublish) => {
    const refusals = new Uint8Array(KIND_COUNT);
    for (const [name, kind] of Object.entries(Kind)) {
      if (!isMetadata(kind)) continue;
      if (!mayPublish) refusals[kind] = Refusal.notAPublisher;
      else if (!agent && !STANDARD_KINDS.includes(name as KindName)) refusals[kind] = Refusal.kindNotAllowed;
    }
    return refusals;
  }),
);

function hashOf(text: string): number {
  const bytes = Buffer.from(text, 'utf8');
  return hashBytes(bytes, 0, bytes.length);
}

function stringField(tag: number, value: string): Buffer {
  const text = Buffer.from(value, 'utf8');
  const length: number[] = [];
  let rest = text.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  return Buffer.concat([Buffer.from([tag, ...length]), text]);
}
