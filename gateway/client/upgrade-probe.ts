/**
 * Learns why an upgrade failed: a WebSocket that never opened says only "1006", so the same address is asked once more
 * without an upgrade, and the gateway answers with status, reason and `Retry-After`.
 */
import { Reconnect } from '../../schemas/close-codes.ts';
import type { Setback } from './setback.ts';
import { ClientReason, SluiceError } from './sluice-error.ts';

const PROBE_TIMEOUT_MS = 5_000;
const ACCEPTED = 200;

/** Asks the gateway at `url` (ws: or wss:) why it refused `jwt`. Never rejects. */
export async function probeUpgrade(url: string, jwt: string): Promise<Setback> {
  const target = new URL(url);
  const where = target.host;
  target.protocol = target.protocol === 'wss:' ? 'https:' : 'http:';
  try {
    const response = await fetch(target, {
      headers: { authorization: `Bearer ${jwt}` },
      cache: 'no-store',
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    const body = await readBody(response);
    return resultOf(response.status, body, body.retryAfterMs ?? retryAfterMs(response), where);
  } catch (thrown) {
    const why = causeOf(thrown);
    const message =
      why === 'ECONNREFUSED' ? `nothing listens on ${where}` : `no gateway reached at ${where}${why && ` (${why})`}`;
    return { error: new SluiceError(0, ClientReason.unreachable, message), advice: Reconnect.backOff };
  }
}

interface ProbeBody {
  readonly reason: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

/** Whether the gateway at `url` (ws: or wss:) would take a socket of `jwt` now. Never rejects. */
export async function wouldUpgrade(url: string, jwt: string): Promise<boolean> {
  const { error } = await probeUpgrade(url, jwt);
  return error.code === ACCEPTED;
}

function resultOf(status: number, body: ProbeBody, waitMs: number | undefined, where: string): Setback {
  if (status === 200) {
    const message = `the WebSocket to ${where} could not be opened, though the gateway accepts us`;
    return { error: new SluiceError(ACCEPTED, ClientReason.unreachable, message), advice: Reconnect.backOff };
  }
  const known = REFUSALS[status];
  const reason = body.reason || (known?.reason ?? ClientReason.unreachable);
  const message = body.message || (known?.message ?? `${where} answered HTTP ${status}: no gateway is there`);
  return { error: new SluiceError(status, reason, message, waitMs), advice: known?.advice ?? Reconnect.backOff };
}

const REFUSALS: Readonly<Record<number, ProbeBody & { advice: Reconnect }>> = {
  400: { reason: 'badRequest', message: 'the gateway could not read the request', advice: Reconnect.never },
  401: { reason: 'unauthorised', message: 'the access token was not accepted', advice: Reconnect.never },
  403: { reason: 'forbidden', message: 'not allowed to connect', advice: Reconnect.never },
  404: { reason: 'notFound', message: 'no gateway at this path', advice: Reconnect.never },
  429: { reason: 'tooManyRequests', message: 'too many connections', advice: Reconnect.backOff },
  503: { reason: 'unavailable', message: 'the gateway takes no sessions now', advice: Reconnect.backOff },
};

/** The refusal's own words: JSON with `reason` and `message` (or problem details), or one line of text. */
async function readBody(response: Response): Promise<ProbeBody> {
  const text = (await response.text()).slice(0, 2000).trim();
  if (!(response.headers.get('content-type') ?? '').includes('json')) {
    return { reason: '', message: text.includes('<') ? '' : text };
  }
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return { reason: '', message: '' };
    const word = (name: string): string => {
      const value = (body as Record<string, unknown>)[name];
      return typeof value === 'string' ? value : '';
    };
    const waitMs = (body as Record<string, unknown>).retryAfterMs;
    return {
      reason: word('reason'),
      message: word('message') || word('detail'),
      retryAfterMs: typeof waitMs === 'number' ? waitMs : undefined,
    };
  } catch {
    return { reason: '', message: '' };
  }
}

function retryAfterMs(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

/** The operating system's word for a failed fetch where the platform tells it, else the error's own. */
function causeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause: unknown = thrown.cause;
  if (typeof cause === 'object' && cause !== null && 'code' in cause) return String(cause.code);
  return thrown.name === 'TimeoutError' ? 'no answer in time' : '';
}
