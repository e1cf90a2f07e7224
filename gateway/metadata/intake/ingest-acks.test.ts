/** Acknowledgements are walked, not decoded: nobody may be able to tell. */
import fc from 'fast-check';
import t from 'tap';
import { AdmissionHierarchy } from '../../../classes/admission-hierarchy.ts';
import { ClassTables } from '../../../classes/frame-classifier.ts';
import { Principal } from '../../../classes/rule-table.ts';
import { decodeFrame, encodeBinaryFrame, isFrameError } from '../../../schemas/frame-codec.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { DEFAULT_POLICY } from '../../config/default-policy.ts';
import { RoomUnderTest } from '../fixtures/room-under-test.ts';
import { Publisher, refusalsFor } from '../rooms/publisher.ts';
import { MetadataSession } from '../sessions/metadata-session.ts';
import { Ingest } from './ingest.ts';
import { Notices } from './notices.ts';
import { OverloadGate } from './overload-gate.ts';
import { ShadowTrial } from './shadow-trial.ts';

const { room, counters } = new RoomUnderTest({ unackedBytes: 1e9, roomLogBytes: 1e9 });
const admission = new AdmissionHierarchy(DEFAULT_POLICY);
/** What became of the last frame: the number it acknowledges, or the code the socket was closed with. */
let found = { upTo: -1, closeCode: 0, message: '' };
const ingest = new Ingest(
  {
    policy: DEFAULT_POLICY,
    admission,
    counters,
    notices: new Notices(DEFAULT_POLICY, admission),
    overload: new OverloadGate(DEFAULT_POLICY, counters),
    trial: new ShadowTrial(DEFAULT_POLICY),
  },
  (_session, frame) => {
    found.upTo = frame.ack?.upTo ?? 0;
  },
);
const publisher = new Publisher({
  identity: 'reader',
  node: '',
  trusted: false,
  bucketRow: admission.open({ tenant: 'acme', identity: 'reader', room: 'room' }),
  refusals: refusalsFor('standard', true),
  classifier: new ClassTables(DEFAULT_POLICY).sender(Principal.standard, 'acme'),
  policy: DEFAULT_POLICY,
});
const outlet = {
  json: false,
  send: () => true,
  bufferedBytes: () => 0,
  tell: (frame: { error?: { message?: string | null } | null }) => {
    found.message = frame.error?.message ?? '';
  },
  disconnect: (code: number) => {
    found.closeCode = code;
  },
  cut: () => {},
  renew: () => Promise.resolve(null),
};

const acks = fc
  .oneof(fc.nat(300), fc.nat(0xffff_ffff))
  .map((upTo) => [...encodeBinaryFrame({ kind: Kind.ack, ack: { upTo } })]);
const changes = fc.array(fc.tuple(fc.nat(12), fc.nat(255), fc.nat(2)), { maxLength: 3 });
const bytesOfAcks = fc.oneof(
  fc.tuple(acks, changes).map(([bytes, made]) => {
    for (const [at, byte, verb] of made) bytes.splice(2 + at, verb === 0 ? 0 : 1, ...(verb === 2 ? [] : [byte]));
    return bytes;
  }),
  fc.array(fc.nat(255), { maxLength: 6 }).map((body) => [8, Kind.ack, 0x8a, 3, body.length, ...body]),
);

t.test('META-1 an acknowledgement is taken for what the decoder takes it for, whatever its bytes', async (t) => {
  const seen = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(bytesOfAcks, (bytes) => {
      found = { upTo: -1, closeCode: 0, message: '' };
      const session = new MetadataSession(room, publisher, outlet, true);
      ingest.receive(session, Buffer.from(bytes), false, { nowMs: 1, ts: 1 });
      const decoded = decodeFrame(Buffer.from(bytes), false);
      if (isFrameError(decoded)) {
        seen.refused++;
        return found.upTo === -1 && found.closeCode === decoded.closeCode && found.message === decoded.message;
      }
      seen.taken++;
      return found.closeCode === 0 && found.upTo === (decoded.ack?.upTo ?? 0);
    }),
    { numRuns: 5000, verbose: 1 },
  );
  t.ok(seen.taken > 1000 && seen.refused > 1000, 'both came', { found: seen });
});
