/**
 * The live strip: for each class the last ninety seconds, a column per second, stacked from what was delivered, merged and
 * shed. Every row has its own scale, else a flood would flatten all that matters.
 */
import type { LiveClass, LiveSecond } from '../../../schemas/live-second.ts';
import { byId, make, spaced } from './elements.ts';
import { SHOWN_MS, TimeCanvas } from './time-canvas.ts';

const PARTS = ['delivered', 'merged', 'shed'] as const;

interface Row {
  readonly figures: HTMLElement;
  readonly canvas: TimeCanvas;
  readonly past: { readonly atMs: number; readonly counts: LiveClass }[];
}

export class ClassStrip {
  readonly #place = byId('classes', HTMLDivElement);
  readonly #rows = new Map<string, Row>();

  /** Adds a second to every class and draws. */
  add({ atMs, classes }: LiveSecond): void {
    for (const counts of classes) {
      // What bears no class is of interest only where there is some.
      if (counts.name === 'unclassified' && counts.offered === 0 && !this.#rows.has(counts.name)) continue;
      const row = this.#rows.get(counts.name) ?? this.#addRow(counts);
      row.past.push({ atMs, counts });
      while (row.past.length > 0 && row.past[0]!.atMs < atMs - SHOWN_MS) row.past.shift();
      row.figures.replaceChildren(...figuresOf(counts));
      draw(row, atMs);
    }
  }

  #addRow({ name, plane }: LiveClass): Row {
    if (this.#rows.size === 0) this.#place.replaceChildren();
    const box = make('div', 'class-row');
    box.dataset.class = name;
    const head = make('div', 'class-head');
    const figures = make('span', 'class-figures');
    const title = make('span', 'class-name', name);
    title.append(make('small', '', plane === 'control' ? 'calls' : 'AI metadata'));
    head.append(title, figures);
    const canvas = make('canvas', 'strip');
    canvas.setAttribute('aria-hidden', 'true');
    box.append(head, canvas);
    this.#place.append(box);
    const row: Row = { figures, canvas: new TimeCanvas(canvas), past: [] };
    this.#rows.set(name, row);
    return row;
  }
}

function figuresOf({ offered, shed, delivered, merged }: LiveClass): HTMLElement[] {
  const figure = (className: string, count: number, word: string) => {
    const box = make('span', `part ${className}`);
    box.append(make('b', '', spaced(count)), ` ${word}`);
    return box;
  };
  return [
    figure('offered', offered, 'offered'),
    figure(shed >= 0.5 ? 'shed' : 'none', shed, 'shed'),
    ...(merged >= 0.5 ? [figure('merged', merged, 'merged')] : []),
    figure('delivered', delivered, 'delivered'),
  ];
}

function draw({ canvas, past }: Row, nowMs: number): void {
  canvas.begin(nowMs);
  const { height, paint } = canvas;
  const most = Math.max(4, ...past.map(({ counts }) => sumOf(counts)));
  for (const { atMs, counts } of past) {
    let y = height;
    for (const part of PARTS) {
      const tall = (counts[part] / most) * height;
      paint.fillStyle = canvas.colour(`--${part}`);
      if (tall > 0) canvas.second(atMs, y, y - Math.max(1, tall));
      y -= tall;
    }
  }
}

function sumOf(counts: LiveClass): number {
  return PARTS.reduce((sum, part) => sum + counts[part], 0);
}
