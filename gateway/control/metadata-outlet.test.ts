import t from 'tap';
import { DEFAULT_POLICY } from '../config/default-policy.ts';
import { type EdgeSocket, SendOutcome } from '../edge/edge-socket.ts';
import { PlaneCounters } from '../telemetry/plane-counters.ts';
import { MetadataOutlet } from './metadata-outlet.ts';
import { Session } from './session.ts';

function connected() {
  const outlet = new MetadataOutlet(new PlaneCounters(DEFAULT_POLICY.classes.map(({ name }) => name)));
  const session = new Session({} as Session['principal']);
  const sent: number[] = [];
  const wire = { buffered: 0, open: true, closedWith: 0 };
  session.socket = {
    get open() {
      return wire.open;
    },
    bufferedBytes: () => wire.buffered,
    send: (message: Uint8Array) => {
      sent.push(message[0]!);
      wire.buffered += message.length;
      return SendOutcome.sent;
    },
    disconnect: (code: number) => {
      wire.open = false;
      wire.closedWith = code;
    },
  } as unknown as EdgeSocket<Session>;
  const deliver = (number: number, bytes: number, close = 0): void =>
    outlet.deliver(session, new Uint8Array(bytes).fill(number), close);
  return { outlet, session, sent, wire, deliver };
}

t.test('CTRL-39 metadata waits while the socket is busy, and keeps its order', async (t) => {
  const { outlet, session, sent, wire, deliver } = connected();
  for (let number = 1; number <= 6; number++) deliver(number, 10_000);
  t.same(sent, [1, 2], 'the socket is left nearly empty for control');
  wire.buffered = 0;
  outlet.drained(session);
  t.same(sent, [1, 2, 3, 4]);
  deliver(7, 10);
  wire.buffered = 0;
  outlet.drained(session);
  wire.buffered = 0;
  outlet.drained(session);
  t.same(sent, [1, 2, 3, 4, 5, 6, 7]);
  t.equal(session.waiting, null);
  t.equal(session.waitingBytes, 0);
});

t.test('CTRL-39 what waits is bounded: the socket goes, no message in silence', async (t) => {
  const { wire, deliver } = connected();
  wire.buffered = 1e6;
  for (let number = 1; number <= 40; number++) deliver(number, 10_000);
  t.equal(wire.closedWith, 4108);
});

t.test('CTRL-39 a worker’s close comes after its last message', async (t) => {
  const { sent, wire, deliver } = connected();
  wire.buffered = 1e6;
  deliver(1, 10);
  deliver(2, 10, 4129);
  t.same(sent, [1, 2]);
  t.equal(wire.closedWith, 4129);
});
