import fc from 'fast-check';
import t from 'tap';
import { rendezvousScore } from './rendezvous.ts';
import { roomWorker } from './room-worker.ts';

t.test('CTRL-10 a room has one worker, always the same, and tenants do not share it by name', async (t) => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 16 }), (tenant, room, workers) => {
      const worker = roomWorker(tenant, room, workers);
      return (
        Number.isInteger(worker) && worker >= 0 && worker < workers && worker === roomWorker(tenant, room, workers)
      );
    }),
  );
  // Known values: another process, or a later version, must not disagree.
  const known = ['a', 'b', 'c', 'd'].map((room) => roomWorker('demo', room, 4));
  const others = ['a', 'b', 'c', 'd'].map((room) => roomWorker('other', room, 4));
  t.notSame(known, others);
});

t.test('CTRL-10 rooms spread evenly, and only rooms of the new worker move when one is added', async (t) => {
  const counts = [0, 0, 0, 0];
  let strayed = 0;
  for (let index = 0; index < 8000; index++) {
    const before = roomWorker('demo', `room-${index}`, 3);
    const after = roomWorker('demo', `room-${index}`, 4);
    counts[after]! += 1;
    if (after !== 3 && after !== before) strayed++;
  }
  t.equal(strayed, 0);
  for (const count of counts) t.ok(count > 1700 && count < 2300, `${count} of 8000 on one of four`);
});

t.test('CTRL-10 weights set the share', async (t) => {
  t.ok(rendezvousScore(0xf0000000, 1) > rendezvousScore(0x10000000, 1));
  t.ok(rendezvousScore(0x80000000, 2) > rendezvousScore(0x80000000, 1));
});
