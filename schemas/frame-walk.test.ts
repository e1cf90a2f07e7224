/** The walk against the decoder: on valid frames, on broken ones, and on those protobufjs would read otherwise. */
import fc from 'fast-check';
import t from 'tap';
import { arbitraryFrame, arbitraryFrameOf } from './arbitrary-frame.ts';
import { encodeBinaryFrame } from './frame-codec.ts';
import { PEEK_FINAL, PEEK_MALFORMED, peekFrame } from './frame-peek.ts';
import { BatchWalk, FrameWalk, WalkResult } from './frame-walk.ts';
import { KIND_NAMES, Kind } from './kinds.ts';
import { proto } from './proto.ts';

const walk = new FrameWalk();
const SCALAR_KINDS = [Kind.caption, Kind.agentTurn, Kind.toolCall, Kind.presence, Kind.retrieval, Kind.custom];
const mutations = fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { minLength: 1, maxLength: 4 });

t.test('WIRE-14 peek and walk tell kind and final of every valid frame as the decoder does', async () => {
  fc.assert(
    fc.property(arbitraryFrame(false), (frame) => {
      const bytes = encodeBinaryFrame(frame);
      const peeked = peekFrame(bytes, 0, bytes.length);
      const found = walk.frame(bytes, 0, bytes.length);
      const kind = peeked & ~PEEK_FINAL;
      const final = (peeked & PEEK_FINAL) !== 0;
      const kindsAgree = kind === frame.kind && walk.kind === frame.kind;
      return found === WalkResult.ok && kindsAgree && final === (frame.final ?? false) && walk.final === final;
    }),
  );
});

t.test('WIRE-5 the walk finds every field the decoder finds', async () => {
  fc.assert(
    fc.property(arbitraryFrameOf(Kind.caption, false), (frame) => {
      const bytes = encodeBinaryFrame(frame);
      const caption = frame.caption!;
      const text = () => Buffer.from(bytes.subarray(walk.start[7]!, walk.end[7]!)).toString();
      const ok = walk.frame(bytes, 0, bytes.length) === WalkResult.ok && walk.payload(bytes) === WalkResult.ok;
      const numbers = walk.uint32(2) === caption.segment && walk.uint32(5) === caption.revision;
      return ok && walk.pub === frame.pub && numbers && (walk.has(7) ? text() : '') === caption.text;
    }),
  );
});

t.test('WIRE-5 what the walk accepts, however mutated, protobufjs decodes to the same kind and final', async (t) => {
  let accepted = 0;
  let refused = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...SCALAR_KINDS).chain((kind) => arbitraryFrameOf(kind, false)),
      mutations,
      (frame, changes) => {
        const bytes = Buffer.from(encodeBinaryFrame(frame));
        for (const { at, value } of changes) bytes[at % bytes.length] = value;
        const ok =
          peekFrame(bytes, 0, bytes.length) !== PEEK_MALFORMED &&
          walk.frame(bytes, 0, bytes.length) === WalkResult.ok &&
          walk.payload(bytes) === WalkResult.ok &&
          walk.stringsAreUtf8(bytes);
        if (!ok) {
          refused++;
          return true;
        }
        accepted++;
        const peeked = peekFrame(bytes, 0, bytes.length);
        const decoded = proto.Frame.decode(bytes);
        const sameFinal = ((peeked & PEEK_FINAL) !== 0) === decoded.final && walk.final === decoded.final;
        return decoded.kind === walk.kind && sameFinal && decoded[KIND_NAMES[walk.kind]!] != null;
      },
    ),
    { numRuns: 3000 },
  );
  t.ok(accepted > 100 && refused > 100, `both ways were tried: ${accepted} accepted, ${refused} refused`);
});

t.test('WIRE-5 a frame cut off at any byte is refused or still whole for protobufjs, and nothing throws', async () => {
  fc.assert(
    fc.property(arbitraryFrame(false), (frame) => {
      const bytes = encodeBinaryFrame(frame);
      for (let length = 0; length < bytes.length; length++) {
        // The payload ends the frame, so that every cut is inside it or before it.
        if (walk.frame(bytes, 0, length) === WalkResult.ok) return false;
      }
      return true;
    }),
    { numRuns: 50 },
  );
});

t.test('WIRE-5 the walk takes any bytes without throwing', async () => {
  const batch = new BatchWalk();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      if (walk.frame(bytes, 0, bytes.length) === WalkResult.ok) walk.payload(bytes);
      batch.open(0, bytes.length);
      let steps = 0;
      while (batch.next(bytes) === 1) steps++;
      return steps <= bytes.length;
    }),
    { numRuns: 2000 },
  );
});

const refusals: Readonly<Record<string, [string, number]>> = {
  'WIRE-1 no kind first': ['8205020a00', WalkResult.malformed],
  'WIRE-1 a kind in two bytes': ['08c0008205020a00', WalkResult.malformed],
  'WIRE-1 a second kind': ['08400840820500', WalkResult.malformed],
  'WIRE-1 a second kind with an overlong tag': ['0840880040820500', WalkResult.malformed],
  'WIRE-2 the payload of another kind': ['08408a0500', WalkResult.kindMismatch],
  'WIRE-2 two payloads of the kind': ['0840820500820500', WalkResult.malformed],
  'WIRE-2 payloads of two kinds': ['08408205008a0500', WalkResult.malformed],
  'WIRE-2 no payload': ['0840', WalkResult.malformed],
  'WIRE-3 final after the payload': ['08408205001001', WalkResult.malformed],
  'WIRE-3 final in two bytes': ['084010818000820500', WalkResult.malformed],
  'WIRE-3 final with an overlong tag': ['0840900001820500', WalkResult.malformed],
  'WIRE-3 final on a presence': ['08421001920500', WalkResult.malformed],
  'WIRE-4 a sender of its own choosing': ['08401a03616e6e820500', WalkResult.malformed],
  'WIRE-4 a class of its own choosing': ['08403203616e6e820500', WalkResult.malformed],
  'WIRE-5 a length of six bytes': ['08408205808080808000', WalkResult.malformed],
  'WIRE-5 a tag of six bytes': ['084082858080800000', WalkResult.malformed],
};
t.test('WIRE-1 the same frame without any of these faults is taken', async (t) => {
  const bytes = Buffer.from('0840820500', 'hex');
  t.equal(walk.frame(bytes, 0, bytes.length), WalkResult.ok);
});
for (const [title, [hex, result]] of Object.entries(refusals)) {
  t.test(`${title} is refused`, async (t) => {
    const bytes = Buffer.from(hex, 'hex');
    t.equal(walk.frame(bytes, 0, bytes.length), result);
  });
}

t.test('WIRE-5 a field that comes twice in the payload is refused, unless it is repeated', async (t) => {
  const segmentTwice = Buffer.from('084082050410011002', 'hex');
  t.equal(walk.frame(segmentTwice, 0, segmentTwice.length), WalkResult.ok);
  t.equal(walk.payload(segmentTwice), WalkResult.malformed);
  const wish = encodeBinaryFrame({ kind: Kind.subscribe, subscribe: { langs: ['en', 'de'] } });
  t.equal(walk.frame(wish, 0, wish.length), WalkResult.ok);
  t.equal(walk.payload(wish), WalkResult.ok);
});

t.test("WIRE-4 a node says for whom and for which room, a client's walk refuses it", async (t) => {
  const frame = { kind: Kind.presence, from: 'ann', tenant: 'acme', room: 'standup', presence: { key: 'hand' } };
  const bytes = encodeBinaryFrame(frame);
  t.equal(walk.frame(bytes, 0, bytes.length, true), WalkResult.ok);
  const string = (start: number, end: number) => Buffer.from(bytes.subarray(start, end)).toString();
  t.equal(string(walk.fromStart, walk.fromEnd), 'ann');
  t.equal(string(walk.tenantStart, walk.tenantEnd), 'acme');
  t.equal(string(walk.roomStart, walk.roomEnd), 'standup');
  t.equal(walk.frame(bytes, 0, bytes.length), WalkResult.malformed);
});
