import t from 'tap';
import { HandshakeLimits } from './handshake-limits.ts';
import { OrderlyEnds } from './orderly-ends.ts';
import { Penalties } from './penalties.ts';

const OUTSIDE = '203.0.113.1';

async function taken(limits: HandshakeLimits, address: string, resume: boolean, times: number): Promise<number> {
  let admitted = 0;
  for (let i = 0; i < times; i += 1) if ((await limits.takeAddress(address, resume, 0)) === 0) admitted += 1;
  return admitted;
}

t.test('EDGE-8 an address has its allowance per second, and another address its own', async (t) => {
  const limits = new HandshakeLimits(10, 100);
  t.equal(await taken(limits, OUTSIDE, false, 30), 10);
  t.equal(await taken(limits, '203.0.113.2', false, 30), 10);
  t.ok(limits.refusedMs(OUTSIDE, false, 0) > 0, 'a refused one is remembered without a promise');
  t.equal(limits.refusedMs(OUTSIDE, false, 1001), 0, 'until its second is over');
  t.equal(limits.refusedMs('203.0.113.3', false, 0), 0);
});

t.test('EDGE-8 loopback may make at least 200 a second', async (t) => {
  t.equal(await taken(new HandshakeLimits(5, 100), '127.0.0.1', false, 300), 200);
  t.equal(await taken(new HandshakeLimits(250, 100), '127.0.0.1', false, 300), 250);
});

t.test('EDGE-10 while resumes come, new handshakes get at most half', async (t) => {
  const alone = new HandshakeLimits(20, 100);
  t.equal(await taken(alone, OUTSIDE, false, 40), 20, 'without resumes, new ones may use it all');
  const mixed = new HandshakeLimits(20, 100);
  t.equal(await taken(mixed, OUTSIDE, true, 1), 1);
  t.equal(await taken(mixed, OUTSIDE, false, 40), 10);
  t.equal(await taken(mixed, OUTSIDE, true, 40), 9, 'resumes have the rest');
});

t.test('EDGE-11 all requests of an address together are answered up to twice its allowance', async (t) => {
  const limits = new HandshakeLimits(10, 100);
  const answered = (nowMs: number): number => {
    let count = 0;
    for (let i = 0; i < 100; i += 1) if (limits.answers(OUTSIDE, nowMs)) count += 1;
    return count;
  };
  t.equal(answered(5000), 20);
  t.equal(answered(5500), 0);
  t.equal(answered(6000), 20, 'anew each second');
});

t.test('EDGE-9 a tenant has its allowance per second', async (t) => {
  const limits = new HandshakeLimits(1000, 3);
  const waits: number[] = [];
  for (let i = 0; i < 4; i += 1) waits.push(await limits.takeTenant('acme', false));
  t.same(waits.slice(0, 3), [0, 0, 0]);
  t.ok(waits[3]! > 0);
  t.equal(await limits.takeTenant('globex', false), 0);
});

t.test('EDGE-14 a penalty is of one tenant’s identity and ends', async (t) => {
  const penalties = new Penalties();
  penalties.add('acme', 'ann', 1000);
  penalties.add('acme', 'ann', 500);
  t.equal(penalties.remainingMs('acme', 'ann', 400), 600, 'the longer one stays');
  t.equal(penalties.remainingMs('globex', 'ann', 400), 0);
  t.equal(penalties.remainingMs('acme', 'bob', 400), 0);
  t.equal(penalties.remainingMs('acme', 'ann', 1000), 0);
  penalties.sweep(999);
  t.equal(penalties.size, 1);
  penalties.sweep(1000);
  t.equal(penalties.size, 0);
});

t.test('EDGE-14 penalties are bounded', async (t) => {
  const penalties = new Penalties();
  for (let i = 0; i < 100_050; i += 1) penalties.add('acme', `i${i}`, 1000 + i);
  t.equal(penalties.size, 100_000);
  t.ok(penalties.remainingMs('acme', 'i100049', 0) > 0, 'the newest is in force');
});

t.test('EDGE-22 an address may provoke eight orderly ends in ten seconds', async (t) => {
  const ends = new OrderlyEnds();
  let orderly = 0;
  for (let i = 0; i < 20; i += 1) if (ends.allows(OUTSIDE, 4001, 100 + i)) orderly += 1;
  t.equal(orderly, 8);
  t.ok(ends.allows(OUTSIDE, 4200, 130), 'a drain is not of its making');
  t.ok(ends.allows('203.0.113.2', 4001, 130));
  t.ok(ends.allows(OUTSIDE, 4001, 10_100));
});
