/**
 * The log: one line per event on standard error. JSON for machines; on a terminal, lines for people.
 *
 * Standard error only: standard output belongs to what a command was asked for.
 */
import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

/**
 * A log whose lines say they are from `part` (supervisor, control, metadata 0, …). `SLUICE_LOG_LEVEL` lowers or raises
 * `level` where it is set. Written synchronously, so that the last line before an exit is not lost.
 */
export function openLog(part: string, level: 'info' | 'warn', environment = process.env): Log {
  const wanted = environment.SLUICE_LOG_LEVEL ?? '';
  const chosen = wanted in pino.levels.values || wanted === 'silent' ? wanted : level;
  const destination = isatty(2) ? forPeople() : pino.destination({ dest: 2, sync: true });
  return pino({ level: chosen, base: { part } }, destination);
}

/** `12:30:01 warn  metadata 0  what happened  key=value`. */
export function lineForPeople(json: string): string {
  const { time, level, part, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const clock = new Date(Number(time)).toTimeString().slice(0, 8);
  const word = (pino.levels.labels[Number(level)] ?? '').padEnd(5);
  const details = Object.entries(rest).map(([key, value]) => `${key}=${plain(value)}`);
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? `\n${String(err.stack)}` : '';
  return `${clock} ${word} ${[part, msg, ...details].join('  ')}${stack}\n`;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function forPeople(): DestinationStream {
  // The terminal may be closed under us: then nobody reads, and that is no reason to die.
  process.stderr.on('error', () => undefined);
  return { write: (json) => void process.stderr.write(lineForPeople(json)) };
}
