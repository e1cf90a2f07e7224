/** Control itself offered at twice what it can serve, in simulated time: the law of join-share.ts beside other ones. */
import t from 'tap';
import { type DialogGate, type DialogOptions, MESSAGES, runDialogs } from './fixtures/simulated-dialogs.ts';
import { randomFrom } from './fixtures/simulated-plane.ts';
import { JoinShare } from './join-share.ts';

const FOR_MS = 12_000;
const SEEDS = [1, 2, 3, 4, 5];

const open = (): DialogGate => ({ admits: () => true, endWindow: () => {} });

function shared(): DialogGate {
  const share = new JoinShare();
  return {
    admits: (message, lot) => message > 0 || share.admits(lot),
    endWindow: (delayMs, served) => share.endWindow(delayMs, served),
  };
}

/** Refuses half of all messages, as much as is too much. */
function halving(seed: number): DialogGate {
  const random = randomFrom(seed);
  return { admits: () => random() < 0.5, endWindow: () => {} };
}

/** Dialogs per ms, where nothing is refused: the most at which 99 % are finished and no message waits for long. */
function capacityOf(options: Omit<DialogOptions, 'rate' | 'forMs' | 'seed'>): number {
  for (let rate = 3 * (options.speed ?? 1); ; rate *= 0.98) {
    const course = runDialogs(open(), { ...options, rate, forMs: FOR_MS, seed: 9 });
    if (course.finished >= 0.99 * course.begun && course.longestWaitMs < 100) return rate;
  }
}

t.test(
  'SCHED-23 at twice the capacity of control nearly as many dialogs are finished as can be, none half done',
  async (t) => {
    for (const [name, machine] of Object.entries({
      'one machine': {},
      'a third as fast': { speed: 1 / 3 },
      'a tenth as fast': { speed: 0.1 },
      'clients that take their time': { thinkMs: 100 },
    })) {
      const rate = 2 * capacityOf(machine);
      for (const seed of SEEDS) {
        const course = runDialogs(shared(), { ...machine, rate, forMs: FOR_MS, seed });
        const part = course.finished / course.begun;
        t.ok(part >= 0.45, `${name}, seed ${seed}: ${(100 * part).toFixed(1)} % of dialogs, of 50 % that could be`);
        t.equal(course.halfDone, 0, 'and who was let in could finish');
      }
    }
  },
);

t.test('SCHED-23 control arms: shedding at random finishes one in sixteen, shedding nothing none', async (t) => {
  const rate = 2 * capacityOf({});
  for (const seed of SEEDS) {
    const options = { rate, forMs: FOR_MS, seed };
    const random = runDialogs(halving(seed), options);
    const part = random.finished / random.begun;
    t.ok(part < 1.2 * 0.5 ** MESSAGES, `at random: ${(100 * part).toFixed(1)} %`);
    const none = runDialogs(open(), { ...options, forMs: 2 * FOR_MS });
    t.ok(none.finished < 0.2 * none.begun, `nothing refused: ${((100 * none.finished) / none.begun).toFixed(1)} %`);
  }
});

t.test('CTRL-43 much more than twice is too much as well, and refusing costs its part', async (t) => {
  const capacity = capacityOf({});
  for (const [load, least] of [
    [1, 0.95],
    [5, 0.7],
    [10, 0.35],
  ] as const) {
    for (const seed of SEEDS) {
      const course = runDialogs(shared(), { rate: load * capacity, forMs: FOR_MS, seed });
      const part = (load * course.finished) / course.begun;
      t.ok(part > least, `${load} times: ${(100 * part).toFixed(1)} % of what could be finished, seed ${seed}`);
    }
  }
});

t.test('CTRL-43 nobody is refused below the capacity, nor for pauses of the machine', async (t) => {
  const capacity = capacityOf({});
  for (const seed of SEEDS) {
    const calm = runDialogs(shared(), { rate: 0.9 * capacity, forMs: FOR_MS, seed });
    t.equal(calm.finished, calm.begun);
    const paused = runDialogs(shared(), { rate: 0.3 * capacity, forMs: 2 * FOR_MS, seed, pausesMs: 100 });
    t.equal(paused.finished, paused.begun, 'with pauses of up to 100 ms');
  }
});
