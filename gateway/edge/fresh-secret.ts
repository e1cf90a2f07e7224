/**
 * Secrets that name sessions and prove whose they are, drawn from the system's generator many at a time: one at a time they
 * cost a twentieth of what a control plane that is offered too much can do.
 *
 * Invariant: no byte is used twice, and none is kept once it has been used.
 */
import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4096;
const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = POOL_BYTES;

/** `bytes` unguessable bytes as base64url. Throws a RangeError where more are asked for than are drawn at a time. */
export function freshSecret(bytes: number): string {
  if (!(bytes > 0 && bytes <= POOL_BYTES)) throw new RangeError(`expected 1 to ${POOL_BYTES} bytes, found ${bytes}`);
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const end = used + bytes;
  const secret = pool.toString('base64url', used, end);
  pool.fill(0, used, end);
  used = end;
  return secret;
}
