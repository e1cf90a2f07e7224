/**
 * Places one call per message, on a thread of its own, so that what is measured is the gateway and its media server and
 * not how busy the page is with pictures.
 */
import { createClient } from '../sluice-client.ts';

/** What to call with. The offer is made beforehand: it is no part of the time. */
export interface ProbeOrder {
  readonly signalUrl: string;
  readonly accessToken: string;
  readonly room: string;
  readonly sdp: string;
  /** A call without an answer by then has failed. */
  readonly patienceMs: number;
}

/** Milliseconds from dialling to the answer; null: there was none. */
export interface ProbeReport {
  readonly setupMs: number | null;
}

addEventListener('message', ({ data }: MessageEvent<ProbeOrder>) => {
  place(data).then(
    (setupMs) => postMessage({ setupMs } satisfies ProbeReport),
    () => postMessage({ setupMs: null } satisfies ProbeReport),
  );
});

async function place({ signalUrl, accessToken, room, sdp, patienceMs }: ProbeOrder): Promise<number> {
  const times = { connectTimeoutMs: patienceMs, requestTimeoutMs: patienceMs };
  const client = createClient({ signalUrl, accessToken, room, metadata: false, ...times });
  try {
    const startMs = performance.now();
    await client.connect();
    await client.offer('publish', sdp);
    return performance.now() - startMs;
  } finally {
    await client.leave().catch(() => undefined);
  }
}
