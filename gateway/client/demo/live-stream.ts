/** The gateway's seconds, as they are told: what each class was offered and what became of it, and the flood of the moment. */
import type { LiveSecond } from '../../../schemas/live-second.ts';
import { type FloodStatus, fetchHere, floodStatus } from './gateway-place.ts';

const AGAIN_MS = 2000;

const SILENT = 'The gateway has fallen silent; this page keeps asking.';
const LOCKED_OUT = 'The gateway was started anew: open the address that it prints now.';

/**
 * Calls `hear` for every second the gateway tells; `lost` with what to say when it falls silent, and asks again until it
 * speaks. Not by EventSource, which cannot say who asks.
 */
export function followLive(
  hear: (second: LiveSecond, flood: FloodStatus) => void,
  lost: (message: string) => void,
): void {
  const told = (second: LiveSecond) =>
    floodStatus().then(
      (flood) => hear(second, flood),
      () => lost(SILENT),
    );
  const follow = async (): Promise<void> => {
    await looked();
    const left = new AbortController();
    const leave = () => document.hidden && left.abort();
    document.addEventListener('visibilitychange', leave);
    const status = await readLive((second) => void told(second), left.signal).catch(() => 0);
    document.removeEventListener('visibilitychange', leave);
    if (left.signal.aborted) return void follow();
    lost(status === 401 ? LOCKED_OUT : SILENT);
    setTimeout(() => void follow(), AGAIN_MS);
  };
  void follow();
}

/**
 * Resolves when the tab is looked at. Browsers open six connections to one origin for all of its tabs, and tabs that only
 * follow in the background would leave none for the others.
 */
async function looked(): Promise<void> {
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
  }
}

/** Tells the seconds of one answer; resolves to its status, or rejects, when it ends. */
async function readLive(tell: (second: LiveSecond) => void, signal: AbortSignal): Promise<number> {
  const { ok, status, body } = await fetchHere('/v1/live', { signal });
  if (!ok || body === null) return status;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return status;
    const events = (text + value).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      if (event.startsWith('data: ')) tell(JSON.parse(event.slice(6)) as LiveSecond);
    }
  }
}
