/**
 * Places a call each second, as a stranger would: dials, joins a room of its own, offers, and stops the clock at the
 * media server's answer.
 *
 * Invariants: one call at a time; none while nobody looks at the page.
 */
import { accessToken, SIGNAL_URL } from './gateway-place.ts';
import type { ProbeOrder, ProbeReport } from './probe-worker.ts';

const EVERY_MS = 1000;
const PATIENCE_MS = 5000;
const RENEW_MS = 30 * 60_000;

/** One call's setup; null: it failed. `atMs` is the wall clock at its end. */
export interface ProbeResult {
  readonly atMs: number;
  readonly setupMs: number | null;
}

/** Probes from now on and tells each result. `workerUrl` is the script of the thread that calls. */
export function probeCalls(workerUrl: string, tell: (result: ProbeResult) => void): void {
  const room = `probe-${Math.random().toString(36).slice(2, 10)}`;
  const worker = new Worker(workerUrl, { type: 'module' });
  const offered = audioOffer();
  let jwt = '';
  let renewAtMs = 0;
  let busy = false;
  const done = (setupMs: number | null): void => {
    busy = false;
    tell({ setupMs, atMs: Date.now() });
  };
  worker.addEventListener('message', ({ data }: MessageEvent<ProbeReport>) => done(data.setupMs));
  const probe = async (): Promise<void> => {
    if (busy || document.hidden) return;
    busy = true;
    try {
      if (performance.now() > renewAtMs) {
        jwt = await accessToken(room, room);
        renewAtMs = performance.now() + RENEW_MS;
      }
      const sdp = await offered;
      const order: ProbeOrder = { signalUrl: SIGNAL_URL, accessToken: jwt, room, sdp, patienceMs: PATIENCE_MS };
      worker.postMessage(order);
    } catch {
      done(null);
    }
  };
  setInterval(() => void probe(), EVERY_MS);
  void probe();
}

/** An offer to send sound, which every probe makes: nothing is sent after its answer. */
async function audioOffer(): Promise<string> {
  const connection = new RTCPeerConnection();
  connection.addTransceiver('audio', { direction: 'sendonly' });
  const { sdp = '' } = await connection.createOffer();
  connection.close();
  return sdp;
}
