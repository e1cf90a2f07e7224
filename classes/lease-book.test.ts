import fc from 'fast-check';
import t from 'tap';
import { AdmissionHierarchy, Decision } from './admission-hierarchy.ts';
import { classWith, limit, policyWith } from './fixtures/admission.ts';
import { LeaseBook } from './lease-book.ts';
import { grantsTowards, targetShares } from './lease-law.ts';
import type { LeaseShares } from './leased-shares.ts';

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

t.test('ADMIT-11 targets sum to 1, are above 0 for everybody and grow with demand', async (t) => {
  const demand = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: null, freq: 5 });
  fc.assert(
    fc.property(fc.array(demand, { minLength: 1, maxLength: 16 }), (demands) => {
      const shares = targetShares(demands);
      if (sum(shares) > 1 + 1e-9 || shares.some((share) => share <= 0)) throw new Error(`${shares}`);
      const here = demands.some((each) => each !== null);
      if (here && sum(shares) < 1 - 1e-9) throw new Error(`${1 - sum(shares)} is given to nobody`);
      demands.forEach((one, a) => {
        demands.forEach((other, b) => {
          if (one !== null && other !== null && one > other && shares[a]! < shares[b]! - 1e-12)
            throw new Error('unfair');
        });
      });
    }),
  );
  t.pass();
});

t.test('ADMIT-11 grants never make what may be in use more than there is', async (t) => {
  const shares = fc.array(fc.tuple(fc.double({ min: 0.001, max: 1, noNaN: true }), fc.nat(1000)), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(shares, (pairs) => {
      const total = sum(pairs.map(([share]) => share));
      const held = pairs.map(([share]) => share / Math.max(1, total));
      const targets = targetShares(pairs.map(([, demand]) => demand));
      const grants = grantsTowards(targets, held);
      if (sum(grants.map((grant, index) => Math.max(grant, held[index]!))) > 1 + 1e-9) throw new Error(`${grants}`);
      grants.forEach((grant, index) => {
        if (grant > Math.max(targets[index]!, held[index]!) + 1e-12) throw new Error('more than was wished');
      });
    }),
  );
  t.pass();
});

/** A worker at the far end of a channel that delivers in order, some time. */
class FarWorker {
  share: number;
  version = 0;
  alive = true;
  readonly underWay: LeaseShares[] = [];

  constructor(share: number) {
    this.share = share;
  }

  hear(): void {
    const shares = this.underWay.shift();
    if (shares === undefined) return;
    this.version = shares.version;
    this.share = new Map(shares.tenants).get('acme')?.[0] ?? shares.others;
  }
}

t.test(
  'ADMIT-11 the shares in use sum to at most 1 however orders are delayed and workers die and return',
  async (t) => {
    const step = fc.record({
      worker: fc.nat(3),
      verb: fc.constantFrom('report', 'report', 'report', 'hear', 'hear', 'round', 'round', 'die'),
      demand: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1000, noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const book = new LeaseBook(4);
        const workers = Array.from({ length: 4 }, () => new FarWorker(book.initialShare(true)));
        for (const { worker: index, verb, demand } of steps) {
          const worker = workers[index]!;
          if (verb === 'report') {
            const tenants = demand > 0 ? [['acme', [demand]] as const] : [];
            book.report(index, { gateway: [demand], tenants, version: worker.version });
          } else if (verb === 'hear') worker.hear();
          else if (verb === 'die') {
            book.ended(index);
            workers[index] = new FarWorker(book.initialShare(false));
          } else {
            book.round().forEach((shares, each) => {
              if (shares !== null) workers[each]!.underWay.push(shares);
            });
          }
          const used = sum(workers.map(({ share }) => share));
          if (used > 1 + 1e-9) throw new Error(`${used} in use after ${verb}`);
          if (workers.some(({ share }) => share <= 0)) throw new Error('somebody has nothing');
        }
      }),
      { numRuns: 1000, verbose: 1 },
    );
    t.pass();
  },
);

t.test('ADMIT-12 shares follow demand, and a dead worker’s share goes to the others', async (t) => {
  const book = new LeaseBook(2);
  const versions = [0, 0];
  const turn = (demands: readonly (number | null)[]) => {
    demands.forEach((demand, worker) => {
      if (demand === null) return;
      book.report(worker, { gateway: [demand], tenants: [['acme', [demand]]], version: versions[worker]! });
    });
    const shares = book.round();
    shares.forEach((each, worker) => {
      if (each !== null) versions[worker] = each.version;
    });
    return shares.map((each) => each?.tenants[0]?.[1][0]);
  };
  t.same(turn([10, 10]), [0.5, 0.5]);
  let shares = turn([90, 10]);
  for (let round = 0; round < 12; round++) shares = turn([90, 10]);
  t.ok(shares[0]! > 0.85 && shares[0]! < 0.87, `${shares[0]}: 0.05 + 0.9 · 0.9`);
  t.ok(shares[0]! + shares[1]! <= 1 + 1e-9);
  book.ended(0);
  versions[0] = 0;
  shares = turn([null, 10]);
  t.ok(shares[1]! > 0.94 && shares[1]! <= 0.95 + 1e-9, `${shares[1]}, all but the floor of the other`);
  for (let round = 0; round < 40; round++) shares = turn([0, 0]);
  t.same(shares, [undefined, undefined], 'when nobody asks any more, it is forgotten and even');
});

t.test('ADMIT-12 several workers together admit a tenant’s rate and burst, wherever its rooms are', async (t) => {
  const [rate, burst] = [100, 50];
  const policy = policyWith([classWith({ tenant: limit(rate, burst) })]);
  const book = new LeaseBook(3);
  const workers = Array.from({ length: 3 }, () => {
    const admission = new AdmissionHierarchy(policy);
    admission.beginLease(book.initialShare(true));
    return { admission, flow: admission.open({ tenant: 'acme', identity: 'ann', room: 'big' }), admitted: 0 };
  });
  const seconds = 20;
  let late = 0;
  for (let ms = 0; ms < seconds * 1000; ms++) {
    if (ms % 1000 === 999) {
      workers.forEach(({ admission }, index) => {
        book.report(index, admission.takeDemand(1000));
      });
      book.round().forEach((shares, index) => {
        if (shares !== null) workers[index]!.admission.takeShares(shares, ms);
      });
    }
    // Nearly everything comes to one of them.
    workers.forEach((worker, index) => {
      const { admission, flow } = worker;
      if (index > 0 && ms % 200 !== 0) return;
      admission.credits.grant(admission.sessionOf(flow), 0, 1);
      if (admission.admit(flow, 0, false, ms) !== Decision.admitted) return;
      worker.admitted++;
      if (ms >= 10_000) late++;
    });
  }
  const total = sum(workers.map(({ admitted }) => admitted));
  // Each worker’s bucket holds one frame, however small its share.
  t.ok(total <= rate * seconds + burst + workers.length, `${total} admitted`);
  t.ok(late > 0.9 * rate * 10, `${late} in the last ten seconds: little of the rate lies idle`);
  t.ok(workers[1]!.admitted > 0 && workers[2]!.admitted > 0);
});

t.test('ADMIT-12 moving shares to and fro makes nothing: the burst is there once', async (t) => {
  const [rate, burst] = [0.1, 200];
  // Who wants little keeps most of a share that grows.
  const wanted = fc.oneof(
    { weight: 1, arbitrary: fc.constant(300) },
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }) },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2), wanted), { minLength: 5, maxLength: 60, size: 'max' }), (busiest) => {
      const policy = policyWith([classWith({ tenant: limit(rate, burst), gateway: limit(rate, burst) })]);
      const book = new LeaseBook(3);
      const workers = Array.from({ length: 3 }, () => {
        const admission = new AdmissionHierarchy(policy);
        admission.beginLease(book.initialShare(true));
        return { admission, flow: admission.open({ tenant: 'acme', identity: 'ann', room: 'big' }) };
      });
      let admitted = 0;
      busiest.forEach(([busy, frames], second) => {
        const { admission, flow } = workers[busy]!;
        const nowMs = 1e6 + second * 1000;
        for (let frame = 0; frame < frames; frame++) {
          admission.credits.grant(admission.sessionOf(flow), 0, 1);
          if (admission.admit(flow, 0, false, nowMs) === Decision.admitted) admitted++;
        }
        workers.forEach((worker, index) => {
          book.report(index, worker.admission.takeDemand(1000));
        });
        book.round().forEach((shares, index) => {
          if (shares !== null) workers[index]!.admission.takeShares(shares, nowMs);
        });
      });
      const most = rate * (busiest.length - 1) + burst;
      // A bucket holds one frame however small its share: each worker may be that much ahead.
      if (admitted > most + workers.length) throw new Error(`${admitted} admitted of ${most}`);
    }),
    { numRuns: 300, verbose: 1 },
  );
  t.pass();
});
