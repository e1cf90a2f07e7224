/** The flood's control: what agents are wanted, and what those that run have done. */
import { byId, spaced } from './elements.ts';
import { type FloodStatus, startFlood, stopFlood } from './gateway-place.ts';

const ABOUT: Readonly<Record<string, string>> = {
  cooperative: 'They send no more than the gateway gives them credit for: they hold back, so little has to be shed.',
  'over-rate': 'They ignore credits and send on at this rate, captions and model output far over their budgets.',
  rude: 'They ignore everything, and when they are cut they come back at once under a new name.',
};

export class FloodForm {
  readonly #temper = byId('temper', HTMLSelectElement);
  readonly #agents = byId('agents', HTMLInputElement);
  readonly #rate = byId('rate', HTMLInputElement);
  readonly #button = byId('flood-button', HTMLButtonElement);
  readonly #status = byId('flood-status', HTMLParagraphElement);
  #running = false;
  #written = 0;
  #writtenAtMs = 0;
  #framesPerSecond = 0;

  constructor() {
    const hint = byId('temper-hint', HTMLParagraphElement);
    const explain = () => {
      hint.textContent = ABOUT[this.#temper.value] ?? '';
    };
    this.#temper.addEventListener('change', explain);
    explain();
    byId('flood', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#toggle().catch((error) => {
        this.#status.textContent = `The gateway refused: ${error instanceof Error ? error.message : error}`;
      });
    });
  }

  /** Shows what the gateway says of the flood. */
  show(status: FloodStatus): void {
    this.#running = status.running;
    this.#button.textContent = status.running ? 'Stop flood' : 'Start flood';
    this.#button.classList.toggle('danger', status.running);
    for (const field of [this.#temper, this.#agents, this.#rate]) field.disabled = status.running;
    this.#status.classList.toggle('running', status.running);
    this.#status.textContent = this.#words(status);
  }

  async #toggle(): Promise<void> {
    this.#button.disabled = true;
    try {
      const wish = {
        temper: this.#temper.value,
        agents: this.#agents.valueAsNumber,
        framesPerSecond: this.#rate.valueAsNumber,
      };
      this.show(this.#running ? await stopFlood() : await startFlood(wish));
    } finally {
      this.#button.disabled = false;
    }
  }

  #words({ running, wish, count, remainingMs }: FloodStatus): string {
    if (!running || wish === null) return wish === null ? 'No flood is running.' : 'The flood is over.';
    if (count === null) return `${wish.agents} agents are connecting…`;
    this.#measure(count.writtenFrames, performance.now());
    const cut = count.cuts === 0 ? '' : `, cut ${spaced(count.cuts)} times`;
    const ends = `ends by itself in ${Math.ceil(remainingMs / 1000)} s`;
    return `${count.connected} ${wish.temper} agents send ${spaced(this.#framesPerSecond)} frames/s${cut}; ${ends}.`;
  }

  /** The agents tell once a second; asked in between, they have told nothing new. */
  #measure(written: number, nowMs: number): void {
    if (written === this.#written) return;
    const seconds = (nowMs - this.#writtenAtMs) / 1000;
    this.#framesPerSecond = written > this.#written && seconds < 5 ? (written - this.#written) / seconds : written;
    this.#written = written;
    this.#writtenAtMs = nowMs;
  }
}
