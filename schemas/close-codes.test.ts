/** The ranges of close codes carry the advice. */
import t from 'tap';
import { CLOSE_REASONS, CloseCode, Reconnect, reconnectAdvice } from './close-codes.ts';

const FIRST_OF_RANGE: Readonly<Record<number, Reconnect>> = {
  4000: Reconnect.never,
  4100: Reconnect.backOff,
  4200: Reconnect.atOnce,
};

t.test('WIRE-15 the hundreds of a close code tell a client what to do', async (t) => {
  for (const [name, code] of Object.entries(CloseCode)) {
    const first = Math.floor(code / 100) * 100;
    t.equal(reconnectAdvice(code), FIRST_OF_RANGE[first], `${code} ${name}`);
  }
  t.equal(reconnectAdvice(4099), Reconnect.never);
  t.equal(reconnectAdvice(4199), Reconnect.backOff);
  t.equal(reconnectAdvice(4299), Reconnect.atOnce);
});

t.test('WIRE-15 closes nobody could explain back off', async (t) => {
  for (const code of [1000, 1001, 1006, 1009, 3999, 4300]) t.equal(reconnectAdvice(code), Reconnect.backOff, `${code}`);
});

t.test('WIRE-15 every close code has a reason that fits into a close frame', async (t) => {
  for (const code of Object.values(CloseCode)) {
    const reason = CLOSE_REASONS[code];
    t.ok(reason.length > 0 && Buffer.byteLength(reason) <= 123, `${code}: ${reason}`);
  }
});
