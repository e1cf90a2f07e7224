/**
 * What `sluice call` prints: the stages as a table that grows line by line, captions as they come, and the totals.
 *
 * On a terminal the interim captions stand in a live area at the end, dim, and are rewritten in place; a final leaves it
 * and becomes a solid line. Elsewhere only whole lines are printed, and no interims.
 *
 * Invariants: nothing above the live area is ever rewritten; with `json`, each line is one JSON object.
 */
import type { CaptionState } from '../client/caption-store.ts';
import type { PacketCounts } from './call-participant.ts';

/** Where lines go: standard output, or a test's. */
export interface Screen {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

export interface CallSummary {
  readonly seconds: number;
  readonly setupMs: number | null;
  readonly sent: PacketCounts;
  readonly received: PacketCounts;
  readonly peer: { readonly sent: PacketCounts; readonly received: PacketCounts } | null;
  readonly finals: number;
  readonly interims: number;
}

const DIM = '\x1b[2m';
const BOLD = '\x1b[1m';
const PLAIN = '\x1b[0m';
const STAGE_WIDTH = 18;
const NUMBER_WIDTH = 9;

export class CallReport {
  readonly #screen: Screen;
  readonly #json: boolean;
  readonly #live = new Map<string, string>();
  #liveLines = 0;
  #previousMs = 0;
  #begun = false;
  #complete = false;
  readonly #held: string[] = [];

  constructor(screen: Screen, json: boolean) {
    this.#screen = screen;
    this.#json = json;
  }

  /** The head of the table, once; not before something was reached, so that a failure is one line. */
  begin(room: string, signalUrl: string, identity: string, note: string): void {
    if (this.#begun) return;
    this.#begun = true;
    if (this.#json) return this.#object({ event: 'call', room, signalUrl, identity, note });
    this.#print(`${this.#bold(`room ${room}`)} at ${signalUrl} as ${identity}`);
    if (note !== '') this.#print(this.#dim(note));
    this.#print('');
    this.#print(
      this.#dim(`  ${'stage'.padEnd(STAGE_WIDTH)}${'ms'.padStart(NUMBER_WIDTH)}${'total'.padStart(NUMBER_WIDTH)}`),
    );
  }

  /** One stage: `totalMs` since the call began; what it took is the difference to the stage before. */
  stage(name: string, totalMs: number, note = ''): void {
    const ms = totalMs - this.#previousMs;
    this.#previousMs = totalMs;
    if (this.#json) return this.#object({ event: 'stage', stage: name, ms: round(ms), totalMs: round(totalMs), note });
    const numbers = `${ms.toFixed(1).padStart(NUMBER_WIDTH)}${totalMs.toFixed(1).padStart(NUMBER_WIDTH)}`;
    this.#print(`  ${name.padEnd(STAGE_WIDTH)}${numbers}${note === '' ? '' : `   ${this.#dim(note)}`}`);
  }

  /** The table is complete: captions go below it, set off by a line. */
  setUp(): void {
    this.#complete = true;
    if (this.#json) return;
    this.#redraw(['', ...this.#held.splice(0)]);
  }

  /** A line of its own. */
  note(text: string): void {
    if (this.#json) this.#object({ event: 'note', text });
    else this.#print(`  ${this.#dim(text)}`);
  }

  /** An interim: rewritten in place on a terminal, nothing elsewhere. */
  interim(state: CaptionState): void {
    if (this.#json || !this.#screen.isTTY) return;
    this.#live.set(keyOf(state), captionLine(state));
    if (this.#complete) this.#redraw([]);
  }

  /** A final: a line that stays. */
  final(state: CaptionState): void {
    this.#live.delete(keyOf(state));
    if (this.#json) {
      const { from, stream, segment, epoch, speaker, text, confidence, model, replay } = state;
      return this.#object({ event: 'final', from, stream, segment, epoch, speaker, text, confidence, model, replay });
    }
    const lines = this.#screen.isTTY ? wrapped(captionLine(state), this.#screen.columns - 1) : [captionLine(state)];
    if (this.#complete) this.#redraw(lines);
    else this.#held.push(...lines);
  }

  /** The end of the call. Interims that never became final go. */
  summary(summary: CallSummary): void {
    this.#live.clear();
    if (!this.#complete) this.setUp();
    if (this.#json) return this.#object({ event: 'summary', ...summary });
    const { seconds, setupMs, sent, received, peer, finals, interims } = summary;
    const packets = ({ audio, video }: PacketCounts) => `audio ${audio}, video ${video}`;
    const setup = setupMs === null ? '' : `, media after ${setupMs.toFixed(0)} ms`;
    this.#print('');
    this.#print(`  ${this.#bold(`${seconds.toFixed(1)} s in the call${setup}`)}`);
    this.#print(`  packets sent      ${packets(sent)}`);
    this.#print(`  packets received  ${packets(received)}`);
    if (peer !== null)
      this.#print(this.#dim(`  echo              sent ${packets(peer.sent)}; received ${packets(peer.received)}`));
    this.#print(`  captions          ${count(finals, 'final')}, ${count(interims, 'interim')}`);
  }

  #print(line: string): void {
    this.#redraw([line]);
  }

  /** Writes lines that stay, then the live area anew below them. */
  #redraw(lines: readonly string[]): void {
    let text = this.#liveLines > 0 ? `\x1b[${this.#liveLines}A\x1b[J` : '';
    for (const line of lines) text += `${line}\n`;
    for (const line of this.#complete ? this.#live.values() : [])
      text += `${DIM}${fit(line, this.#screen.columns - 1)}${PLAIN}\n`;
    this.#liveLines = this.#complete ? this.#live.size : 0;
    this.#screen.write(text);
  }

  #object(value: object): void {
    this.#screen.write(`${JSON.stringify(value)}\n`);
  }

  #dim(text: string): string {
    return this.#screen.isTTY ? `${DIM}${text}${PLAIN}` : text;
  }

  #bold(text: string): string {
    return this.#screen.isTTY ? `${BOLD}${text}${PLAIN}` : text;
  }
}

function captionLine({ speaker, from, confidence, text, replay, final, epoch }: CaptionState): string {
  const who = speaker || from;
  const sure = confidence === undefined ? '' : ` ${Math.round(confidence * 100)} %`;
  const marks = [replay ? 'replay' : '', final && epoch > 0 ? 'corrected' : ''].filter((mark) => mark !== '');
  return `  ${printable(who)}${sure}${marks.length > 0 ? ` [${marks.join(', ')}]` : ''}: ${printable(text)}${final ? '' : ' …'}`;
}

/** Others wrote it: what would move the cursor or colour the terminal is taken out. */
function printable(text: string): string {
  return [...text].map((character) => (isControl(character.codePointAt(0)!) ? ' ' : character)).join('');
}

function isControl(point: number): boolean {
  return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

/** A long line in several, broken between words; all but the first are indented. */
function wrapped(line: string, columns: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.trimStart().split(' ')) {
    const indent = lines.length === 0 ? '  ' : '      ';
    if (current !== '' && [...indent, ...current, ...word].length + 1 > columns) {
      lines.push(indent + current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, (lines.length === 0 ? '  ' : '      ') + current];
}

/** Cut in front, because what is said last is what changes. */
function fit(line: string, columns: number): string {
  const characters = [...line];
  if (columns <= 1 || characters.length <= columns) return line;
  const colon = line.indexOf(':') + 2;
  const head = characters.slice(0, Math.min(colon, columns - 1)).join('');
  const room = columns - [...head].length - 1;
  return `${head}…${room > 0 ? characters.slice(-room).join('') : ''}`;
}

function keyOf({ from, stream, segment }: CaptionState): string {
  return JSON.stringify([from, stream, segment]);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
