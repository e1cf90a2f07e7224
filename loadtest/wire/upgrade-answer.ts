/** The server's half of a WebSocket handshake, taken from a connection that is read by hand. */
import { createHash } from 'node:crypto';

/** What a server answered. */
export interface UpgradeAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** What came behind the answer's headers. */
  readonly rest: Buffer;
}

const END = '\r\n\r\n';

/** The answer in `bytes`, or null when its headers have not come whole yet. Status 0: it is no HTTP. */
export function readUpgradeAnswer(bytes: Buffer): UpgradeAnswer | null {
  const end = bytes.indexOf(END);
  if (end < 0) return null;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0);
  return { status, headers, rest: bytes.subarray(end + END.length) };
}

/** What `Sec-WebSocket-Accept` must say to a key. */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
