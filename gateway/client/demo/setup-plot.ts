/**
 * Call setup time against time, with the seconds of a flood shaded, and what the two have to do with each other in
 * words: the median under the flood as a multiple of the median without.
 */
import type { ProbeResult } from './call-probe.ts';
import { byId, inMs } from './elements.ts';
import { SHOWN_MS, TimeCanvas } from './time-canvas.ts';

const FOOT_PX = 18;
const HEAD_PX = 8;
/** Where the labels of the scale end. */
const LABEL_PX = 46;
/** The scale is logarithmic, so that a call that took far too long does not flatten all others. */
const FOOT_MS = 5;
const LEAST_TOP_MS = 300;
const TICKS_MS = [10, 30, 100, 300, 1000, 3000];
const FEW = 3;
/** A flood needs a moment to connect: calls right after its start are neither idle nor flooded. */
const RAMP_MS = 1500;

interface Probe extends ProbeResult {
  readonly flooded: boolean;
}

export class SetupPlot {
  readonly #canvas = new TimeCanvas(byId('plot', HTMLCanvasElement));
  readonly #now = byId('probe-now', HTMLOutputElement);
  readonly #summary = byId('probe-summary', HTMLParagraphElement);
  #probes: Probe[] = [];
  #floods: number[] = [];
  #floodSinceMs: number | null = null;

  /** A second went by, with a flood or without. */
  second(atMs: number, flooded: boolean): void {
    if (!flooded) this.#floodSinceMs = null;
    else this.#floodSinceMs ??= atMs;
    this.#floods = [...this.#floods.filter((one) => one > atMs - SHOWN_MS), ...(flooded ? [atMs] : [])];
    this.#draw(atMs);
  }

  /** A call was placed. */
  probe(result: ProbeResult): void {
    const { atMs, setupMs } = result;
    const flooded = this.#floodSinceMs !== null;
    if (!flooded || atMs - this.#floodSinceMs! > RAMP_MS) this.#probes.push({ ...result, flooded });
    this.#probes = this.#probes.filter((one) => one.atMs > atMs - SHOWN_MS);
    this.#now.textContent = setupMs === null ? 'no answer' : inMs(setupMs);
    this.#now.classList.toggle('bad', setupMs === null);
    this.#summary.textContent = this.#words();
    const under = this.#probes.filter((one) => one.flooded).length;
    this.#summary.title = `${this.#probes.length - under} calls without a flood, ${under} calls under it`;
  }

  #words(): string {
    const idle = median(this.#probes.filter(({ flooded }) => !flooded));
    const flood = median(this.#probes.filter(({ flooded }) => flooded));
    const failed = this.#probes.filter(({ setupMs }) => setupMs === null).length;
    const parts = [
      idle === null
        ? 'Measuring how long a call takes while nothing else goes on…'
        : `Median ${inMs(idle)} without a flood`,
      flood === null ? '' : `${inMs(flood)} under it${idle === null ? '' : ` (${(flood / idle).toFixed(2)}×)`}`,
      failed === 0 ? '' : `${failed} without an answer`,
    ];
    return parts.filter((part) => part !== '').join(', ');
  }

  #draw(nowMs: number): void {
    const canvas = this.#canvas;
    canvas.begin(nowMs);
    const { paint, width, height } = canvas;
    const times = this.#probes.flatMap(({ setupMs }) => (setupMs === null ? [] : [setupMs]));
    const topMs = Math.max(LEAST_TOP_MS, ...times);
    const foot = height - FOOT_PX;
    const y = (ms: number) =>
      foot - (Math.log(Math.max(ms, FOOT_MS) / FOOT_MS) / Math.log(topMs / FOOT_MS)) * (foot - HEAD_PX);
    paint.fillStyle = canvas.colour('--flooded');
    for (const atMs of this.#floods) {
      const left = Math.floor(canvas.x(atMs - 1000));
      paint.fillRect(left, 0, Math.floor(canvas.x(atMs)) - left, foot);
    }
    paint.font = '11px system-ui, sans-serif';
    paint.lineWidth = 1;
    paint.textAlign = 'left';
    for (const ms of TICKS_MS.filter((one) => one <= topMs)) {
      paint.strokeStyle = canvas.colour('--line');
      paint.beginPath();
      paint.moveTo(0, Math.round(y(ms)) + 0.5);
      paint.lineTo(width, Math.round(y(ms)) + 0.5);
      paint.stroke();
      paint.fillStyle = canvas.colour('--dim');
      paint.fillText(`${ms} ms`, 2, Math.max(11, y(ms) - 3));
    }
    for (const [secondsAgo, align] of [
      [90, 'left'],
      [45, 'center'],
      [0, 'right'],
    ] as const) {
      paint.textAlign = align;
      paint.fillText(secondsAgo === 0 ? 'now' : `${secondsAgo} s ago`, canvas.x(nowMs - 1000 * secondsAgo), height - 4);
    }
    this.#drawIdleMedian(y);
    for (const { atMs, setupMs } of this.#probes) {
      paint.fillStyle = canvas.colour(setupMs === null ? '--bad' : '--accent');
      paint.beginPath();
      paint.arc(canvas.x(atMs), setupMs === null ? 8 : y(setupMs), setupMs === null ? 4 : 2.4, 0, 2 * Math.PI);
      paint.fill();
    }
  }

  #drawIdleMedian(y: (ms: number) => number): void {
    const idle = median(this.#probes.filter(({ flooded }) => !flooded));
    if (idle === null) return;
    const { paint, width } = this.#canvas;
    paint.strokeStyle = this.#canvas.colour('--accent');
    paint.setLineDash([4, 4]);
    paint.beginPath();
    paint.moveTo(LABEL_PX, y(idle));
    paint.lineTo(width, y(idle));
    paint.stroke();
    paint.setLineDash([]);
  }
}

/** The median of what was answered; null when that is too little to speak of. */
function median(probes: readonly Probe[]): number | null {
  const times = probes.flatMap(({ setupMs }) => (setupMs === null ? [] : [setupMs])).sort((a, b) => a - b);
  return times.length < FEW ? null : times[Math.floor(times.length / 2)]!;
}
