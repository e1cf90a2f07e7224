/** Whatever bytes a client sends: nothing throws, every frame ends once, and the room still writes in both encodings. */
import fc from 'fast-check';
import t from 'tap';
import { AdmissionHierarchy } from '../../../classes/admission-hierarchy.ts';
import { ClassTables } from '../../../classes/frame-classifier.ts';
import { Principal } from '../../../classes/rule-table.ts';
import { arbitraryFrame } from '../../../schemas/arbitrary-frame.ts';
import { encodeBinaryFrame, encodeFrame } from '../../../schemas/frame-codec.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Frame } from '../../../schemas/proto.ts';
import { DEFAULT_POLICY } from '../../config/default-policy.ts';
import { custom, final, interim, moderation } from '../fixtures/frames.ts';
import { FakeClient, RoomUnderTest, TICK_MS } from '../fixtures/room-under-test.ts';
import { Publisher, refusalsFor } from '../rooms/publisher.ts';
import { MetadataSession } from '../sessions/metadata-session.ts';
import { Ingest } from './ingest.ts';
import { Notices } from './notices.ts';
import { OverloadGate } from './overload-gate.ts';
import { ShadowTrial } from './shadow-trial.ts';

const ROOMY = { unackedBytes: 1e9, roomLogBytes: 1e9 };

/** A publisher whose frames take the whole way in, and readers of both encodings. */
class World {
  readonly room = new RoomUnderTest(ROOMY);
  readonly admission = new AdmissionHierarchy(DEFAULT_POLICY);
  readonly readers = [new FakeClient('binary', false), new FakeClient('json', true)];
  readonly told: Frame[] = [];
  readonly closeCodes: number[] = [];
  readonly notices = new Notices(DEFAULT_POLICY, this.admission);
  readonly overload = new OverloadGate(DEFAULT_POLICY, this.room.counters);
  readonly #ingest = new Ingest(
    {
      policy: DEFAULT_POLICY,
      admission: this.admission,
      counters: this.room.counters,
      notices: this.notices,
      overload: this.overload,
      trial: new ShadowTrial(DEFAULT_POLICY),
    },
    () => {},
  );

  constructor() {
    for (const reader of this.readers) this.room.join(reader);
  }

  publisher(rateFactor: number, json = false): MetadataSession {
    const bucketRow = this.admission.open({ tenant: 'acme', identity: 'agent', room: 'room' }, rateFactor);
    const refusals = refusalsFor('agent', true);
    const classifier = new ClassTables(DEFAULT_POLICY).sender(Principal.agent, 'acme');
    const policy = DEFAULT_POLICY;
    const who = { identity: 'agent', node: '', trusted: false, bucketRow, refusals, classifier, policy };
    const outlet = {
      json,
      send: () => true,
      bufferedBytes: () => 0,
      tell: (frame: Frame) => void this.told.push(frame),
      disconnect: (code: number) => void this.closeCodes.push(code),
      cut: (code: number) => void this.closeCodes.push(code),
      renew: () => Promise.resolve(null),
    };
    return new MetadataSession(this.room.room, new Publisher(who), outlet, true);
  }

  receive(session: MetadataSession, bytes: Uint8Array): void {
    // The edge takes the memory back after the call.
    const lent = Buffer.from(bytes);
    this.#ingest.receive(session, lent, session.outlet.json, { nowMs: this.room.nowMs, ts: 1 });
    lent.fill(0xee);
  }

  settle(): void {
    this.room.nowMs += TICK_MS;
    this.notices.round(0, this.room.nowMs);
    this.room.settle(this.readers);
    const residuals = this.room.counters.residuals();
    if (residuals.some((residual) => residual !== 0)) throw new Error(`residuals ${residuals}`);
  }
}

/** Encoded frames, some with a few bytes changed, left out or put in. */
const changes = fc.array(fc.tuple(fc.nat(400), fc.nat(255), fc.nat(2)), { maxLength: 4 });
const sent = fc.array(fc.tuple(arbitraryFrame(false), fc.oneof(fc.constant([]), changes)), { maxLength: 12 });

function changed(bytes: Uint8Array, how: readonly (readonly [number, number, number])[]): Uint8Array {
  const list = [...bytes];
  for (const [at, byte, verb] of how)
    list.splice(at % (list.length + 1), verb === 0 ? 0 : 1, ...(verb === 2 ? [] : [byte]));
  return Uint8Array.from(list);
}

for (const json of [false, true]) {
  t.test(`META-1 no bytes make a worker throw or lose count (${json ? 'JSON' : 'binary'})`, async (t) => {
    fc.assert(
      fc.property(sent, (frames) => {
        const world = new World();
        const session = world.publisher(1000, json);
        for (const [frame, how] of frames) {
          const encoded = encodeFrame(frame, json);
          world.receive(session, changed(typeof encoded === 'string' ? Buffer.from(encoded) : encoded, how));
        }
        world.settle();
      }),
      { numRuns: 500, verbose: 1 },
    );
    t.pass();
  });
}

t.test('META-5 a frame over its rate is refused before it is looked at, and never marks a segment', async (t) => {
  const world = new World();
  const session = world.publisher(1);
  for (let revision = 0; revision < 60; revision++)
    world.receive(session, encodeBinaryFrame(interim('s', 1, revision, 'a')));
  // Broken inside: whoever looked would end the socket.
  world.receive(session, Buffer.from([8, Kind.caption, 0x82, 0x05, 2, 0xff, 0xff]));
  world.receive(session, encodeBinaryFrame(interim('t', 1, 1, 'a')));
  t.same(world.closeCodes, []);
  world.receive(session, encodeBinaryFrame(final('s', 1, 'the end')));
  world.settle();
  for (const reader of world.readers) {
    t.same(
      reader.received.filter((frame) => frame.final).map(({ caption }) => caption?.text),
      ['the end'],
    );
    t.notOk(reader.received.some(({ caption }) => caption?.stream === 't'));
  }
});

t.test(
  'META-67 under overload the least important goes first, counted and told, and finals and moderation pass',
  async (t) => {
    const world = new World();
    const session = world.publisher(1e6);
    const { counters } = world.room;
    const summary: Frame = {
      kind: Kind.summary,
      summary: { payload: Buffer.from('x'), model: 'm', modelVersion: '1' },
    };
    let segment = 0;
    const sendWindow = () => {
      for (let count = 0; count < 500; count++) {
        world.receive(session, encodeBinaryFrame(summary));
        world.receive(session, encodeBinaryFrame(custom('status')));
        world.receive(session, encodeBinaryFrame(moderation(`m${count}`)));
        world.receive(session, encodeBinaryFrame(final('s', ++segment, 'the end')));
      }
      world.settle();
    };
    const refused = (name: string) => {
      const index = DEFAULT_POLICY.classes.findIndex((each) => each.name === name);
      return counters.outcome(index, Outcome.rejected_overload);
    };
    const all = () => ['premium', 'captions', 'standard', 'deferred'].map(refused);
    // Within a class it is by lot.
    const areAbout = (wanted: readonly number[]) =>
      all().every((count, index) => Math.abs(count - wanted[index]!) <= 25);
    // `backlog`: the work that waits, in frames to two listeners.
    const endWindow = (backlog: number) => {
      counters.pending[0]! += 20 * 1.1 * backlog;
      world.overload.endWindow(20);
      counters.pending[0]! -= 20 * 1.1 * backlog;
    };
    // Of 2000 frames done 1500 may pass once so many wait for a whole tick, and the 1000 that are exempt pass first.
    for (let windows = 0; windows < 3; windows++) {
      sendWindow();
      t.same(all(), [0, 0, 0, 0], 'before there is too much');
      endWindow(3030);
    }
    sendWindow();
    t.ok(areAbout([0, 0, 0, 500]), `${all()}`);
    const throttled = world.told.find((frame) => frame.throttled?.class === 'deferred')?.throttled;
    t.equal(throttled?.dropped, all()[3]);
    t.ok(throttled!.retryAfterMs! > 0 && throttled!.retryAfterMs! <= 200, `again after ${throttled?.retryAfterMs} ms`);
    endWindow(100_000);
    sendWindow();
    t.ok(areAbout([0, 0, 500, 1000]), `${all()}: a tenth of what was done before, which the exempt ones fill`);
    const before = all();
    t.same(world.closeCodes, [], 'nobody is cut for that');
    for (let windows = 0; windows < 60; windows++) endWindow(0);
    sendWindow();
    t.same(all(), before, 'and nothing more once nothing is late');
  },
);
