/**
 * The captions as one reads them: a line per segment, dim and slanted while it may still change, firm once it is final.
 */
import { type CaptionState, CaptionStore } from '../caption-store.ts';
import type { MetadataState } from '../client-types.ts';
import type { SluiceClient } from '../sluice-client.ts';
import { byId, make } from './elements.ts';
import { METADATA_ORIGIN } from './gateway-place.ts';

const MOST_LINES = 40;
/** Whoever has scrolled back further than this is reading, and is left there. */
const NEAR_END_PX = 60;

interface Line {
  readonly item: HTMLLIElement;
  readonly speaker: HTMLElement;
  readonly text: HTMLElement;
  readonly about: HTMLElement;
}

export class CaptionLines {
  readonly #list = byId('captions', HTMLOListElement);
  readonly #lines = new Map<string, Line>();
  readonly #hues = new Map<string, number>();

  /** Shows the captions of a client from now on. */
  follow(client: SluiceClient): void {
    this.#lines.clear();
    this.#list.replaceChildren(make('li', 'empty', 'In the room. Nobody has said anything yet.'));
    const store = new CaptionStore({ changed: (state) => this.#show(state) }, 512);
    client.on('caption', (frame) => {
      store.take(frame);
    });
  }

  /** Says so where captions have to share the call's connection. */
  comeBy(state: MetadataState): void {
    byId('shared', HTMLParagraphElement).hidden = state !== 'mixed';
    const link = byId('shared-url', HTMLAnchorElement);
    link.href = `${METADATA_ORIGIN}/healthz`;
    link.textContent = link.host;
  }

  #show(state: CaptionState): void {
    const atEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < NEAR_END_PX;
    const key = JSON.stringify([state.from, state.stream, state.segment]);
    const line = this.#lines.get(key) ?? this.#add(key, state);
    line.item.classList.toggle('final', state.final);
    line.item.classList.toggle('interim', !state.final);
    line.speaker.textContent = state.speaker || state.from || 'somebody';
    line.text.textContent = state.text || '…';
    const sure =
      state.confidence === undefined
        ? []
        : [make('span', 'confidence', `${Math.round(100 * state.confidence)} % sure`)];
    const replay = state.replay ? [make('span', 'badge', 'replay')] : [];
    line.about.replaceChildren(...replay, ...sure, ...(state.final ? [] : [make('span', 'state', 'listening…')]));
    if (atEnd) this.#list.scrollTop = this.#list.scrollHeight;
  }

  #add(key: string, { speaker, from }: CaptionState): Line {
    if (this.#lines.size === 0) this.#list.replaceChildren();
    const item = make('li', '');
    const line = { item, speaker: make('span', 'speaker'), text: make('span', 'text'), about: make('span', 'about') };
    item.style.setProperty('--hue', String(this.#hueOf(speaker || from)));
    const head = make('span', 'head');
    head.append(line.speaker, line.about);
    item.append(head, line.text);
    this.#list.append(item);
    this.#lines.set(key, line);
    for (const [oldest, { item: old }] of this.#lines) {
      if (this.#lines.size <= MOST_LINES) break;
      old.remove();
      this.#lines.delete(oldest);
    }
    return line;
  }

  #hueOf(speaker: string): number {
    const hue = this.#hues.get(speaker) ?? (210 + 137 * this.#hues.size) % 360;
    this.#hues.set(speaker, hue);
    return hue;
  }
}
