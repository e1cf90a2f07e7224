import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import type { EdgeSocket } from '../edge/edge-socket.ts';
import type { Session } from './session.ts';
import { TurnBands } from './turn-bands.ts';

const socket = {} as EdgeSocket<Session>;
/** One memory for every frame, as the edge may do. */
const shared = Buffer.alloc(2);

function bands() {
  const order: string[] = [];
  const turnBands = new TurnBands((_socket, kind, classIndex, bytes, receivedMs, queued) => {
    order.push(`${kind === 0 ? 'setup' : 'control'} ${bytes[0]! * 256 + bytes[1]!}`);
    if (receivedMs !== bytes[0]! * 256 + bytes[1]!) order.push('another frame’s time');
    if (classIndex !== kind + 7) order.push('another class');
    if (queued) waited++;
  });
  let waited = 0;
  const take = (band: 0 | 1, number: number): void => {
    shared.writeUInt16BE(number);
    turnBands.take(band, socket, band, band + 7, shared, number);
  };
  return { turnBands, order, take, waited: () => waited };
}

t.test('CTRL-9 under backlog call set-up goes first, each band in its own order, nothing lost', async (t) => {
  const { turnBands, order, take, waited } = bands();
  for (let number = 0; number < 500; number++) take(1, number);
  const early = order.length;
  t.ok(early < 500, `${early} of 500 went at once`);
  for (let number = 0; number < 100; number++) take(0, number);
  t.same(
    order.slice(early),
    Array.from({ length: 100 }, (_, number) => `setup ${number}`),
    'past those that wait',
  );
  while (turnBands.queued > 0) await nextTurn();
  t.same(
    order.filter((name) => name.startsWith('control')),
    Array.from({ length: 500 }, (_, number) => `control ${number}`),
  );
  t.equal(waited(), 500 - early);
  take(1, 7);
  t.equal(order.at(-1), 'control 7', 'with nothing queued it goes at once again');
});

t.test('CTRL-9 a flood of set-up is spread over turns too, and still goes before the rest', async (t) => {
  const { turnBands, order, take } = bands();
  for (let number = 0; number < 40; number++) take(1, number);
  for (let number = 0; number < 2000; number++) take(0, number);
  const atOnce = order.length;
  t.ok(atOnce < 2000);
  while (turnBands.queued > 0) await nextTurn();
  const later = order.slice(atOnce);
  t.ok(
    later.findIndex((name) => name.startsWith('control')) >= later.findLastIndex((name) => name.startsWith('setup')),
  );
  t.equal(order.length, 2040);
});

t.test('CTRL-9 no frame of the rest goes while one of set-up waits, whatever comes in whatever turns', async (t) => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom(0 as const, 1 as const, 'turn' as const), fc.integer({ min: 1, max: 90 })),
  );
  let waited = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const next: [number, number] = [0, 0];
      const done: [number, number] = [0, 0];
      let fault = '';
      const turnBands = new TurnBands((_socket, band, _class, _bytes, number, queued) => {
        if (band === 1 && done[0] < next[0]) fault = `the rest went past ${next[0] - done[0]} frames of set-up`;
        if (number !== done[band as 0 | 1]++) fault = 'out of order';
        if (queued) waited++;
      });
      for (const [step, count] of taken) {
        if (step === 'turn') await nextTurn();
        else for (let frame = 0; frame < count; frame++) turnBands.take(step, socket, step, 0, shared, next[step]++);
      }
      while (turnBands.queued > 0) await nextTurn();
      if (fault !== '' || done[0] !== next[0] || done[1] !== next[1]) throw new Error(fault || 'some were lost');
    }),
    { verbose: 1 },
  );
  t.ok(waited > 100, `${waited} frames waited`);
});
