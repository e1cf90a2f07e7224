/** Where the gateway of this page is: signalling on the page's own port, the demo's controls beside the operator API. */
import { byId } from './elements.ts';

const operatorPort = document.querySelector<HTMLMetaElement>('meta[name=operator-port]')?.content ?? '7490';
const operatorUrl = `http://${location.hostname}:${operatorPort}`;

export const SIGNAL_URL = `ws://${location.host}/v1/signal`;
export const LIVE_URL = `${operatorUrl}/v1/live`;

/** What a flood was asked to be. */
export interface FloodWish {
  readonly temper: string;
  readonly agents: number;
  readonly framesPerSecond: number;
}

/** The flood as the gateway knows it. */
export interface FloodStatus {
  readonly running: boolean;
  readonly wish: FloodWish | null;
  readonly count: {
    readonly connected: number;
    readonly writtenFrames: number;
    readonly withheldFrames: number;
    readonly cuts: number;
  } | null;
  readonly remainingMs: number;
}

/** An access token for this page. Rejects with one line that says what is wrong. */
export async function accessToken(identity: string, room: string): Promise<string> {
  const answer = await ask(`/demo/token?${new URLSearchParams({ identity, room })}`);
  return (answer as { accessToken: string }).accessToken;
}

/** Starts a flood. */
export function startFlood(wish: FloodWish): Promise<FloodStatus> {
  const headers = { 'content-type': 'application/json' };
  return ask('/demo/flood', { method: 'POST', headers, body: JSON.stringify(wish) }) as Promise<FloodStatus>;
}

/** Stops whatever flood runs. */
export function stopFlood(): Promise<FloodStatus> {
  return ask('/demo/flood', { method: 'DELETE' }) as Promise<FloodStatus>;
}

/** Whether a flood runs, and what it has done. */
export function floodStatus(): Promise<FloodStatus> {
  return ask('/demo/flood') as Promise<FloodStatus>;
}

/** Shows a line to the reader, or nothing where it is empty. */
export function notify(text: string): void {
  const notice = byId('notice', HTMLParagraphElement);
  notice.textContent = text;
  notice.hidden = text === '';
}

async function ask(path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(operatorUrl + path, init);
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const { detail } = answer as { detail?: string };
  throw new Error(detail ?? `the gateway answered ${response.status}`);
}
