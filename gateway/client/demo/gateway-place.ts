/** Where the gateway of this page is: all of it on the page's own address; and how the page proves that it may ask. */
import { byId } from './elements.ts';

/** What follows # in the page's address: a browser sends it nowhere by itself. */
const secret = location.hash.slice(1);
const secretWanted = metaOf('access') === 'secret';

export const SIGNAL_URL = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/signal`;

/** Where captions come from, as a page would open it. */
export const METADATA_ORIGIN = `${location.protocol}//${location.hostname}:${metaOf('metadata-port')}`;

/** Whether the gateway lets this page in, by what its address ends in. True, too, where it cannot be asked. */
export async function isLetIn(): Promise<boolean> {
  if (!secretWanted) return true;
  if (secret === '') return false;
  return fetchHere('/demo/flood').then(
    ({ status }) => status !== 401,
    () => true,
  );
}

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

/** Asks the gateway that served the page. Rejects when it cannot be reached; what it refuses is answered. */
export function fetchHere(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (secret !== '') headers.set('authorization', `Bearer ${secret}`);
  return fetch(path, { ...init, headers, cache: 'no-store' });
}

async function ask(path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetchHere(path, init);
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const { detail, message } = answer as { detail?: string; message?: string };
  throw new Error(detail ?? message ?? `the gateway answered ${response.status}`);
}

function metaOf(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content ?? '';
}
