/** A line that says how overloaded the gateway is and what it asks of agents for that; none where it is not. */
import type { LiveSecond } from '../../../schemas/live-second.ts';

const ASKS: Readonly<Record<string, string>> = {
  reduceFrequency: 'send metadata less often',
  bypassOnPath: 'batch later',
  narrowRetrieval: 'retrieve less widely',
  singleTool: 'one tool at a time',
  concise: 'be concise',
  clientOnly: 'leave it to the client',
};

/** The words for a ladder; empty at level 0. */
export function ladderLine({ level, asks }: LiveSecond['ladder']): string {
  if (level === 0) return '';
  const asked = ASKS[asks];
  return asked === undefined ? `ladder level ${level}` : `ladder level ${level}: ${asked}`;
}
