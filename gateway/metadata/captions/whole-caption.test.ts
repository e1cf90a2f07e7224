/** Interims that their publisher sends as differences. */
import t from 'tap';
import { Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import { type Frame, proto } from '../../../schemas/proto.ts';
import { DEFAULT_POLICY } from '../../config/default-policy.ts';
import { interim } from '../fixtures/frames.ts';
import { FakeClient, RoomUnderTest } from '../fixtures/room-under-test.ts';

const CAPTIONS = DEFAULT_POLICY.classByKind[Kind.caption]!;

t.test('META-56 an interim published as a difference is made whole, or asked for whole', async (t) => {
  const room = new RoomUnderTest({ unackedBytes: 65_536, roomLogBytes: 1_048_576 });
  const clients = [new FakeClient('ann', false), new FakeClient('bob', true)];
  for (const client of clients) room.join(client);
  const textsOf = (client: FakeClient) => client.received.map(({ caption }) => caption?.text);
  const difference = (revision: number, baseRevision: number, keepPrefix: number, text: string): Frame =>
    interim('s', 1, revision, text, { baseRevision, keepPrefix, speaker: 'ann' });
  t.notOk(room.publish(difference(1, 0, 0, 'of nothing')));
  t.same(room.asked, ['s 1']);
  room.publish(interim('s', 1, 1, 'né🎉 we can'));
  room.settle(clients);
  t.ok(room.publish(difference(2, 1, 3, ' you')));
  t.ok(room.publish(difference(3, 2, 7, ', too')), 'and one to that');
  t.notOk(room.publish(difference(4, 2, 3, 'x')), 'one to another is none');
  t.notOk(room.publish(difference(4, 3, 99, 'x')), 'nor one that keeps more than there is');
  room.settle(clients);
  for (const client of clients) {
    t.same(textsOf(client), ['né🎉 we can', 'né🎉 you, too']);
    t.match(client.received.at(-1)?.caption, { revision: 3, speaker: 'ann', keepPrefix: null });
  }
  t.equal(room.counters.outcome(CAPTIONS, Outcome.undeliverable), 3);
  t.same(room.asked.length, 2, 'asked for at most once a second');
  const last: Frame = { ...difference(5, 3, 3, '!'), final: true };
  t.notOk(room.publish(last), 'a final must be whole');
  const grows = { stream: 'grows', segment: 1, mode: proto.Caption.Mode.append, offset: 0, text: 'x' };
  t.notOk(room.publish({ kind: Kind.caption, caption: { ...grows, keepPrefix: 0 } }), 'so must a fragment');
  t.equal(room.counters.outcome(CAPTIONS, Outcome.malformed), 2);
  t.equal(room.counters.residuals().some(Boolean), false);
});
