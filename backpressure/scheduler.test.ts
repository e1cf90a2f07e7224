import t from 'tap';
import { Enqueued, NOTHING_QUEUED, SETTLE_FIRST } from './enqueued.ts';
import { Evicted } from './evicted-list.ts';
import { TWO_CLASSES } from './fixtures/two-classes.ts';
import { MetadataScheduler } from './scheduler.ts';

t.test('SCHED-2 stale frames go when their turn comes, kept ones never', async (t) => {
  const scheduler = new MetadataScheduler(1, { flowFrames: 1000, classFrames: 1000, totalFrames: 1000 }, TWO_CLASSES);
  const flow = scheduler.openFlow(0, scheduler.openTenant(0));
  for (let item = 0; item < 600; item++) scheduler.enqueue(flow, 1, item % 100 === 0, 50, item, 0);
  const left: number[] = [];
  let settled = 0;
  for (;;) {
    const item = scheduler.dequeue(50);
    settled += scheduler.evicted.count;
    scheduler.evicted.clear();
    if (item === NOTHING_QUEUED) break;
    if (item !== SETTLE_FIRST) left.push(item);
  }
  t.strictSame(left, [0, 100, 200, 300, 400, 500], 'what is kept, in order');
  t.equal(settled, 594, 'more than the list of evicted frames holds at once');
});

t.test('SCHED-3 with no room, the longest room of the longest tenant gives up its oldest', async (t) => {
  const scheduler = new MetadataScheduler(1, { flowFrames: 100, classFrames: 40, totalFrames: 100 }, TWO_CLASSES);
  const crowd = scheduler.openTenant(0);
  const single = scheduler.openTenant(0);
  const rooms = Array.from({ length: 10 }, () => scheduler.openFlow(0, crowd));
  const alone = scheduler.openFlow(0, single);
  for (let item = 0; item < 15; item++) scheduler.enqueue(alone, 1, false, 1e9, 1000 + item, 0);
  rooms.forEach((room, at) => {
    for (let item = 0; item < (at === 7 ? 7 : 2); item++) scheduler.enqueue(room, 1, false, 1e9, at * 10 + item, 0);
  });
  t.equal(scheduler.queuedInClass(0), 40);
  t.equal(scheduler.enqueue(alone, 1, false, 1e9, 2000, 0), Enqueued.evicting);
  t.equal(scheduler.evicted.item(0), 70, 'not the longest room, but that of the tenant who holds most');
  t.equal(scheduler.evicted.reason(0), Evicted.overflow);
});

t.test('SCHED-3 the longest tenant gives way among more of them than there was memory for at first', async (t) => {
  const [tenants, roomsOfEach] = [200, 5];
  const classFrames = tenants * roomsOfEach + 30;
  const limits = { flowFrames: 1000, classFrames, totalFrames: 9999 };
  const scheduler = new MetadataScheduler(1, limits, TWO_CLASSES);
  const rooms: number[] = [];
  for (let index = 0; index < tenants; index++) {
    const tenant = scheduler.openTenant(0);
    for (let room = 0; room < roomsOfEach; room++) rooms.push(scheduler.openFlow(0, tenant));
  }
  for (const long of [3, 150 * roomsOfEach, rooms.length - 1]) {
    rooms.forEach((room, at) => {
      for (let frame = 0; frame < (at === long ? 31 : 1); frame++) scheduler.enqueue(room, 1, false, 1e9, at, 0);
    });
    for (let more = 0; more < 15; more++) {
      t.equal(scheduler.enqueue(rooms[more * 7]!, 1, false, 1e9, more * 7, 0), Enqueued.evicting);
      t.equal(scheduler.evicted.item(0), long);
      scheduler.evicted.clear();
    }
    while (scheduler.dequeue(0) !== NOTHING_QUEUED);
  }
});

t.test('SCHED-3 with no room at all, the class that holds most for its share gives way', async (t) => {
  const scheduler = new MetadataScheduler(1, { flowFrames: 100, classFrames: 100, totalFrames: 100 }, TWO_CLASSES);
  const tenant = scheduler.openTenant(0);
  const heavy = scheduler.openFlow(0, tenant);
  const light = scheduler.openFlow(1, tenant);
  for (let item = 0; item < 60; item++) scheduler.enqueue(heavy, 1, false, 1e9, item, 0);
  for (let item = 0; item < 40; item++) scheduler.enqueue(light, 1, item < 39, 1e9, 100 + item, 0);
  t.equal(
    scheduler.enqueue(heavy, 1, false, 1e9, 60, 0),
    Enqueued.evicting,
    '40 of a fifth are more than 60 of the rest',
  );
  t.equal(scheduler.evicted.item(0), 139, 'the only one of them that may be lost');
  scheduler.evicted.clear();
  t.equal(scheduler.enqueue(light, 1, false, 1e9, 140, 0), Enqueued.overflow, 'then it is what comes');
  t.equal(
    scheduler.enqueue(light, 1, true, 1e9, 141, 0),
    Enqueued.evicting,
    'what is kept takes another class’s place',
  );
  t.equal(scheduler.evicted.item(0), 0);
  scheduler.evicted.clear();
  t.equal(scheduler.queued, 100);
  while (scheduler.dequeue(0) !== NOTHING_QUEUED);
  for (let item = 0; item < 100; item++) scheduler.enqueue(heavy, 1, true, 1e9, item, 0);
  t.equal(scheduler.enqueue(light, 1, true, 1e9, 200, 0), Enqueued.full, 'nothing can give way');
  t.equal(scheduler.enqueue(light, 1, false, 1e9, 201, 0), Enqueued.overflow);
});

t.test('SCHED-4 what makes no sense is refused with what was expected', async (t) => {
  const limits = { flowFrames: 2, classFrames: 2, totalFrames: 2 };
  const scheduler = new MetadataScheduler(5, limits, TWO_CLASSES, 3);
  const tenant = scheduler.openTenant(1);
  const flow = scheduler.openFlow(1, tenant);
  t.throws(() => scheduler.enqueue(flow, 6, false, 1, 0, 0), {
    message: 'expected a cost above 0 and at most 5, found 6',
  });
  t.throws(() => scheduler.enqueue(flow, 0, false, 1, 0, 0), RangeError);
  t.throws(() => scheduler.enqueue(flow + 1, 1, false, 1, 0, 0), { message: 'there is no open flow in row 1' });
  t.throws(() => scheduler.openFlow(2, tenant), { message: 'expected a class below 2, found 2' });
  t.throws(() => scheduler.openFlow(0, tenant + 1), { message: 'there is no open tenant in row 1' });
  t.throws(() => scheduler.openTenant(2), { message: 'expected a tier below 2, found 2' });
  t.throws(() => scheduler.adopt({ classes: [], tierFactors: [1] }), /expected 2 to 3 classes/);
  t.throws(() => scheduler.adopt({ ...TWO_CLASSES, tierFactors: [1, 0] }), /expected a factor above 0 for each tier/);
  const guards = TWO_CLASSES.classes.map(() => ({ weight: 1, guardShare: 0.6 }));
  t.throws(() => scheduler.adopt({ classes: guards, tierFactors: [1] }), /guard shares add up to 1.2/);
  t.equal(scheduler.standing(flow).class.quantum, 5, 'and changed nothing');
});

t.test('SCHED-5 rows of what was closed are used again once it has left', async (t) => {
  const scheduler = new MetadataScheduler(1, { flowFrames: 9, classFrames: 9, totalFrames: 9 }, TWO_CLASSES);
  const tenant = scheduler.openTenant(0);
  const flow = scheduler.openFlow(0, tenant);
  scheduler.enqueue(flow, 1, false, 1e9, 42, 0);
  scheduler.closeFlow(flow);
  scheduler.closeTenant(tenant);
  t.throws(() => scheduler.openFlow(0, tenant), RangeError, 'a closed tenant');
  const other = scheduler.openTenant(0);
  t.not(other, tenant, 'its frame still waits');
  t.not(scheduler.openFlow(0, other), flow);
  t.equal(scheduler.dequeue(0), 42);
  t.equal(scheduler.openTenant(0), tenant);
  t.equal(scheduler.openFlow(1, tenant), flow);
});

t.test('SCHED-14 what waits in a flow is withdrawn uncharged, in the middle of its turn too', async (t) => {
  const scheduler = new MetadataScheduler(4, { flowFrames: 9, classFrames: 99, totalFrames: 99 }, TWO_CLASSES);
  const tenant = scheduler.openTenant(0);
  const [one, other] = [scheduler.openFlow(0, tenant), scheduler.openFlow(0, tenant)];
  const fill = () => {
    for (let item = 0; item < 3; item++) {
      scheduler.enqueue(one, 2, item === 1, 1e9, item, 0);
      scheduler.enqueue(other, 2, true, 1e9, 10 + item, 0);
    }
  };
  fill();
  t.equal(scheduler.dequeue(0), 0, 'its turn has begun');
  const before = scheduler.standing(other).class.deficit;
  scheduler.withdraw(one);
  scheduler.withdraw(one);
  t.equal(scheduler.queuedInFlow(one), 0);
  t.equal(scheduler.standing(other).class.deficit, before, 'nobody has paid');
  t.equal(scheduler.evicted.count, 0);
  t.strictSame(
    [0, 0, 0, 0].map(() => scheduler.dequeue(0)),
    [10, 11, 12, NOTHING_QUEUED],
  );
  fill();
  scheduler.closeFlow(one);
  scheduler.withdraw(one);
  t.equal(scheduler.openFlow(1, tenant), one, 'a closed one gives its row back');
  t.equal(scheduler.queued, 3);
  t.equal(scheduler.queuedInClass(0), 3);
});

t.test('SCHED-1 more frames than there was memory for at first wait in order', async (t) => {
  const frames = 5000;
  const scheduler = new MetadataScheduler(
    1,
    { flowFrames: frames, classFrames: frames, totalFrames: frames },
    TWO_CLASSES,
  );
  const flow = scheduler.openFlow(0, scheduler.openTenant(0));
  for (let item = 0; item < frames; item++) scheduler.enqueue(flow, 1, item % 3 === 0, 1e9, item, 0);
  t.equal(scheduler.enqueue(flow, 1, true, 1e9, frames, 0), Enqueued.evicting, 'and no more than may');
  scheduler.evicted.clear();
  const left: number[] = [];
  for (let item = scheduler.dequeue(0); item >= 0; item = scheduler.dequeue(0)) left.push(item);
  t.strictSame(
    left,
    Array.from({ length: frames + 1 }, (_, item) => item).filter((item) => item !== 1),
  );
});

t.test(
  'SCHED-15 what was charged too much is given back to tenant and class, where something still waits',
  async (t) => {
    const scheduler = new MetadataScheduler(4, { flowFrames: 99, classFrames: 999, totalFrames: 999 }, TWO_CLASSES);
    const tenants = [scheduler.openTenant(0), scheduler.openTenant(0)];
    const flows = tenants.map((tenant) => scheduler.openFlow(0, tenant));
    for (let frame = 0; frame < 90; frame++) {
      for (const [mark, flow] of flows.entries()) scheduler.enqueue(flow, 4, true, 1e9, mark, 0);
    }
    const served = [0, 0];
    for (let frame = 0; frame < 80; frame++) {
      const mark = scheduler.dequeue(0);
      served[mark]!++;
      // The second one's frames cost a quarter of what was charged.
      if (mark === 1) scheduler.refund(flows[1]!, 3);
      for (const flow of flows) {
        const { share, class: ofClass } = scheduler.standing(flow);
        if (share.deficit < 0 || share.deficit >= share.quantum + 8)
          throw new Error(`a tenant has ${share.deficit} left`);
        if (ofClass.deficit < 0 || ofClass.deficit >= ofClass.quantum + 8) throw new Error(`${ofClass.deficit} left`);
      }
    }
    t.ok(Math.abs(served[1]! / served[0]! - 4) < 0.3, `frames at a quarter of the cost: ${served}`);
  },
);
