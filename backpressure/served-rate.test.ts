import fc from 'fast-check';
import t from 'tap';
import { ServedRate } from './served-rate.ts';

t.test('META-63 what can be done is what was done by the time that the worker was busy', async (t) => {
  const lately = new ServedRate();
  for (let windows = 0; windows < 6; windows++) lately.endWindow(0, 0);
  t.equal(lately.rate, 0, 'who has done nothing has not shown what it can do');
  for (let windows = 0; windows < 3; windows++) lately.endWindow(250, 0.25);
  t.equal(lately.rate, 1000, 'a quarter of the time, after idle windows');
  t.equal(lately.busy, 1 / 8);
  for (let windows = 0; windows < 20; windows++) lately.endWindow(0, 0);
  t.equal(lately.rate, 1000, 'idle windows say nothing of it');
});

t.test('META-63 work in lumps is done no faster, and a pause is no measure of what can be done', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5000 }), (every, perWindow) => {
      const lately = new ServedRate();
      for (let window = 0; window < 40; window++) {
        lately.endWindow(window % every === 0 ? perWindow * every : 0, 1);
      }
      // Six windows are no multiple of all: one lump too many may be in them, or too few.
      const [least, most] = [Math.floor(6 / every), Math.ceil(6 / every)];
      const share = (6 * lately.rate) / (every * perWindow);
      return share > 0.99 * least && share < 1.01 * most;
    }),
    { verbose: 1 },
  );
  const lately = new ServedRate();
  for (let windows = 0; windows < 8; windows++) lately.endWindow(1000, 1);
  lately.endWindow(0, 1);
  t.ok(lately.rate > 800, 'after a pause');
  for (let windows = 0; windows < 6; windows++) lately.endWindow(100, 1);
  t.equal(lately.rate, 100, 'who has become slow is slow');
});
