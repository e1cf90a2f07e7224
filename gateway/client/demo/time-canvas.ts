/** A canvas on which the last ninety seconds run from left to right; everything drawn against time on this page uses it. */

export const SHOWN_MS = 90_000;

export class TimeCanvas {
  readonly paint: CanvasRenderingContext2D;
  readonly #canvas: HTMLCanvasElement;
  /** In CSS pixels. */
  width = 0;
  height = 0;
  nowMs = 0;

  constructor(canvas: HTMLCanvasElement) {
    const paint = canvas.getContext('2d');
    if (paint === null) throw new Error('this browser has no canvas');
    this.#canvas = canvas;
    this.paint = paint;
  }

  /** Clears it, at the size it now has; `nowMs` will be at its right edge. */
  begin(nowMs: number): void {
    const { clientWidth, clientHeight } = this.#canvas;
    const scale = devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(clientWidth * scale)) this.#canvas.width = Math.round(clientWidth * scale);
    if (this.#canvas.height !== Math.round(clientHeight * scale))
      this.#canvas.height = Math.round(clientHeight * scale);
    this.width = clientWidth;
    this.height = clientHeight;
    this.nowMs = nowMs;
    this.paint.setTransform(scale, 0, 0, scale, 0, 0);
    this.paint.clearRect(0, 0, clientWidth, clientHeight);
  }

  /** The x of a moment. */
  x(atMs: number): number {
    return this.width * (1 - (this.nowMs - atMs) / SHOWN_MS);
  }

  /** A colour of the style sheet, e.g. `--shed`: it follows light and dark. */
  colour(name: string): string {
    return getComputedStyle(this.#canvas).getPropertyValue(name).trim();
  }

  /** A column for the second that ended at `atMs`, from `fromY` up to `toY`. */
  second(atMs: number, fromY: number, toY: number): void {
    const left = this.x(atMs - 1000);
    this.paint.fillRect(left, toY, Math.max(1, this.x(atMs) - left - 0.5), fromY - toY);
  }
}
