/** Where the time of our call's setup went: a bar for each stage, from when the one before it was reached. */
import { SETUP_STAGES, type SetupStage } from './demo-call.ts';
import { byId, inMs, make } from './elements.ts';

const ABOUT: Readonly<Record<SetupStage, string>> = {
  connect: 'WebSocket open',
  welcome: 'gateway greets',
  joined: 'in the room',
  answer: 'SFU answers the offer',
  ICE: 'a network path is found',
  DTLS: 'media is encrypted',
  'first frame': 'of who was there before',
};

export class SetupBars {
  readonly #place = byId('setup', HTMLDivElement);
  readonly #total = byId('setup-total', HTMLOutputElement);
  readonly #reached = new Map<SetupStage, number>();

  /** A new call is being set up. */
  begin(): void {
    this.#reached.clear();
    this.#total.textContent = '';
    this.#draw();
  }

  /** A stage was reached, `sinceMs` after dialling. */
  reach(stage: SetupStage, sinceMs: number): void {
    this.#reached.set(stage, sinceMs);
    const connected = this.#reached.get('DTLS');
    this.#total.textContent = connected === undefined ? '' : `${inMs(connected)} to connected`;
    this.#draw();
  }

  #draw(): void {
    const wholeMs = Math.max(1, ...this.#reached.values());
    let beforeMs = 0;
    const rows = SETUP_STAGES.map((stage) => {
      const row = make('div', 'bar-row');
      const atMs = this.#reached.get(stage);
      const lane = make('span', 'lane');
      if (atMs !== undefined) {
        const bar = make('span', 'bar');
        const fromMs = Math.min(beforeMs, atMs);
        bar.style.left = `${(100 * fromMs) / wholeMs}%`;
        bar.style.width = `${Math.max(0.7, (100 * (atMs - fromMs)) / wholeMs)}%`;
        lane.append(bar);
        lane.title = `${inMs(atMs)} after dialling`;
        beforeMs = Math.max(beforeMs, atMs);
      }
      const took = atMs === undefined ? '·' : inMs(atMs);
      row.append(make('span', 'stage', stage), lane, make('span', 'figure', took), make('span', 'about', ABOUT[stage]));
      return row;
    });
    this.#place.replaceChildren(...rows);
  }
}
