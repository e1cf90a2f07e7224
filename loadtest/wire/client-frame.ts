/**
 * Builds masked WebSocket frames into buffers of the caller's: a flood writes thousands with one system call.
 *
 *     0x82|0x81  0x80+len [len16 | len64]  mask×4  payload ⊕ mask
 */

export const Opcode = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

const FIN = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;
/** One mask a process: it hides frames from old proxies, and there are none on the loopback. */
const MASK = crypto.getRandomValues(new Uint8Array(MASK_BYTES));

/** Bytes of a whole frame around a payload of `payloadBytes`. */
export function clientFrameBytes(payloadBytes: number): number {
  return headerBytes(payloadBytes) + payloadBytes;
}

/** Writes one frame around `payload[start, end)` at `at`; the value is where the next one goes. */
export function writeClientFrame(
  into: Uint8Array,
  at: number,
  payload: Uint8Array,
  start: number,
  end: number,
  opcode: Opcode = Opcode.binary,
): number {
  const length = end - start;
  into[at++] = FIN | opcode;
  if (length < 126) into[at++] = MASKED | length;
  else if (length < 65_536) {
    into[at++] = MASKED | 126;
    into[at++] = length >>> 8;
    into[at++] = length & 0xff;
  } else {
    into[at++] = MASKED | 127;
    for (let shift = 56; shift >= 0; shift -= 8) into[at++] = shift >= 32 ? 0 : (length >>> shift) & 0xff;
  }
  for (let index = 0; index < MASK_BYTES; index++) into[at++] = MASK[index]!;
  for (let index = 0; index < length; index++) into[at++] = payload[start + index]! ^ MASK[index & 3]!;
  return at;
}

/** One frame in a buffer of its own. */
export function clientFrame(payload: Uint8Array | string, opcode?: Opcode): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const frame = Buffer.allocUnsafe(clientFrameBytes(bytes.length));
  writeClientFrame(
    frame,
    0,
    bytes,
    0,
    bytes.length,
    opcode ?? (typeof payload === 'string' ? Opcode.text : Opcode.binary),
  );
  return frame;
}

/** Many frames in one buffer of about `bytes`, taking the payloads in turn: what a flood writes at once. */
export function frameSheet(payloads: readonly Uint8Array[], bytes: number, opcode: Opcode = Opcode.binary): FrameSheet {
  const parts: Buffer[] = [];
  let length = 0;
  for (let index = 0; length < bytes; index++) {
    const frame = clientFrame(payloads[index % payloads.length]!, opcode);
    parts.push(frame);
    length += frame.length;
  }
  return { bytes: Buffer.concat(parts), frames: parts.length };
}

/** A buffer of whole frames and how many they are. */
export interface FrameSheet {
  readonly bytes: Buffer;
  readonly frames: number;
}

function headerBytes(payloadBytes: number): number {
  return MASK_BYTES + (payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10);
}
