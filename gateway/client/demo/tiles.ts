/** The pictures of a call: ours and one for everybody else in the room, each with its name. */
import { byId, make } from './elements.ts';

interface Tile {
  readonly box: HTMLElement;
  readonly video: HTMLVideoElement;
  readonly label: HTMLElement;
}

export class Tiles {
  readonly #place = byId('tiles', HTMLDivElement);
  readonly #empty = byId('no-tiles', HTMLParagraphElement);
  readonly #tiles = new Map<string, Tile>();
  readonly #firstFrame: () => void;
  #sound = false;

  /** `firstFrame` runs when a frame of somebody else has been shown. */
  constructor(firstFrame: () => void) {
    this.#firstFrame = firstFrame;
  }

  /** Shows our own picture. */
  own(name: string, stream: MediaStream): void {
    const tile = this.#tile('', `${name} (you)`);
    tile.box.classList.add('own');
    tile.video.srcObject = stream;
  }

  /** Somebody is in the room, away for a moment, or gone. */
  participant(identity: string, name: string, state: 'joined' | 'away' | 'left'): void {
    if (state === 'left') {
      this.#tiles.get(identity)?.box.remove();
      this.#tiles.delete(identity);
      return;
    }
    const tile = this.#tile(identity, name || identity);
    tile.box.classList.toggle('away', state === 'away');
  }

  /** Media of a participant has come. */
  media(identity: string, stream: MediaStream): void {
    const { video, box } = this.#tile(identity, identity);
    if (video.srcObject !== stream) video.srcObject = stream;
    video.muted = !this.#sound;
    video.requestVideoFrameCallback(() => {
      box.classList.add('live');
      this.#firstFrame();
    });
  }

  /** Whether others are heard. */
  hear(sound: boolean): void {
    this.#sound = sound;
    for (const [identity, { video }] of this.#tiles) video.muted = identity === '' || !sound;
  }

  /** Marks our picture as not being sent. */
  ownMuted(muted: boolean): void {
    this.#tiles.get('')?.box.classList.toggle('muted', muted);
  }

  clear(): void {
    for (const { box } of this.#tiles.values()) box.remove();
    this.#tiles.clear();
    this.#empty.hidden = false;
  }

  #tile(identity: string, name: string): Tile {
    const present = this.#tiles.get(identity);
    if (present) {
      if (name !== identity) present.label.textContent = name;
      return present;
    }
    const box = make('figure', 'tile');
    box.dataset.identity = identity;
    const video = make('video', '');
    video.autoplay = true;
    video.playsInline = true;
    video.muted = true;
    const label = make('figcaption', '', name);
    box.append(video, label);
    this.#place.append(box);
    this.#empty.hidden = true;
    const tile = { box, video, label };
    this.#tiles.set(identity, tile);
    return tile;
  }
}
