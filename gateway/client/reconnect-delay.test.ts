import fc from 'fast-check';
import t from 'tap';
import { Reconnect } from '../../schemas/close-codes.ts';
import { ReconnectDelay } from './reconnect-delay.ts';

t.test('CLIENT-18 waits are drawn from [base, 3 · previous], never above the cap', (t) => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), (chances) => {
      let at = 0;
      const delay = new ReconnectDelay(100, 5000, () => chances[at++] ?? 0);
      let previousMs = 100;
      for (let count = 0; count < chances.length; count++) {
        const ms = delay.nextMs(Reconnect.backOff);
        t.ok(ms >= 100 && ms <= Math.min(5000, Math.max(100, 3 * previousMs)) + 1e-6);
        previousMs = ms;
      }
    }),
    { numRuns: 50 },
  );
  t.end();
});

t.test('CLIENT-19 at once means at once the first time only, and what the gateway asks for is a minimum', (t) => {
  const delay = new ReconnectDelay(100, 5000, () => 0.5);
  t.equal(delay.nextMs(Reconnect.atOnce), 0);
  t.ok(delay.nextMs(Reconnect.atOnce) >= 100);
  t.ok(delay.nextMs(Reconnect.backOff, 3000) >= 3100);
  delay.succeeded();
  t.equal(delay.nextMs(Reconnect.atOnce), 0);
  t.ok(new ReconnectDelay().nextMs(Reconnect.atOnce, 700) >= 700);
  t.end();
});
