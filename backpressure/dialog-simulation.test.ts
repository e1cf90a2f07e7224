/**
 * Control itself offered at twice what it can serve: dialogs of four messages, each sent when the one before was served.
 * One that is refused or waits longer than a second is never finished. Simulated time, one message per millisecond.
 */
import t from 'tap';
import { Banded, ControlBands } from './control-bands.ts';
import { randomFrom } from './fixtures/simulated-plane.ts';

const MESSAGES = 4;
const FOR_MS = 60_000;
/** Dialogs begun per millisecond: twice the capacity of one message per millisecond. */
const DIALOGS_PER_MS = 2 / MESSAGES;
const THINK_MS = 20;
const PATIENCE_MS = 1000;

/** Takes or refuses the message of a dialog; `serve` gives the next message's dialog or -1. */
interface ControlArm {
  offer(dialog: number, message: number, nowMs: number): boolean;
  serve(): number;
}

/** Returns the share of dialogs that were finished. */
function run(arm: ControlArm): number {
  const random = randomFrom(3);
  const progress: number[] = [];
  const sentMs: number[] = [];
  const later: number[][] = [];
  let due = 0;
  let finished = 0;
  const send = (dialog: number, nowMs: number) => {
    sentMs[dialog] = nowMs;
    arm.offer(dialog, progress[dialog]!, nowMs);
  };
  for (let nowMs = 0; nowMs < FOR_MS; nowMs++) {
    for (due += DIALOGS_PER_MS * 2 * random(); due >= 1; due--) send(progress.push(0) - 1, nowMs);
    for (const dialog of later[nowMs] ?? []) send(dialog, nowMs);
    const dialog = arm.serve();
    if (dialog < 0 || nowMs - sentMs[dialog]! > PATIENCE_MS) continue;
    if (++progress[dialog]! === MESSAGES) {
      finished++;
      continue;
    }
    const at = nowMs + 1 + Math.floor(random() * THINK_MS);
    later[at] ??= [];
    later[at].push(dialog);
  }
  return finished / progress.length;
}

/** Everything in one queue; `shed`: the chance of a message to be refused. */
class RandomShedding implements ControlArm {
  readonly #random = randomFrom(11);
  readonly #queue: number[] = [];
  readonly #shed: number;

  constructor(shed: number) {
    this.#shed = shed;
  }

  offer(dialog: number): boolean {
    if (this.#random() < this.#shed) return false;
    this.#queue.push(dialog);
    return true;
  }

  serve(): number {
    return this.#queue.shift() ?? -1;
  }
}

t.test(
  'SCHED-23 at twice the capacity of control nearly as many dialogs are finished as can be, none half done',
  async (t) => {
    const bands = new ControlBands(4096, { ratePerSecond: 900, burst: 50 });
    const share = run({
      offer: (dialog, message, nowMs) => bands.enqueue(0, message === 0, dialog, nowMs) === Banded.queued,
      serve: () => bands.dequeue(),
    });
    t.ok(share >= 0.45, `${(share * 100).toFixed(1)} % of dialogs finished, of 50 % that could be`);
  },
);

t.test('SCHED-23 control arms: shedding at random finishes one in sixteen, shedding nothing none', async (t) => {
  const random = run(new RandomShedding(0.5));
  t.ok(random < 0.1, `at random: ${(random * 100).toFixed(1)} %`);
  const open = run(new RandomShedding(0));
  t.ok(open < 0.25, `nothing refused: ${(open * 100).toFixed(1)} %`);
});
