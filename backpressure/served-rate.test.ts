import fc from 'fast-check';
import t from 'tap';
import { ServedRate } from './served-rate.ts';

t.test('META-63 what can be done is what was done by the time that the worker was busy', async (t) => {
  const lately = new ServedRate();
  for (let windows = 0; windows < 9; windows++) lately.endWindow(0, 0, 1);
  t.equal(lately.rate, 0, 'who has served nothing has not shown what it can do, though it was busy');
  lately.endWindow(100, 0, 1);
  t.equal(lately.rate, 0, 'nor who has for a moment');
  for (let windows = 0; windows < 6; windows++) lately.endWindow(500, 0, 0.5);
  t.equal(lately.rate, 1000);
  t.equal(lately.busy, 0.5);
  for (let windows = 0; windows < 20; windows++) lately.endWindow(0, 0, 0);
  t.equal(lately.rate, 1000, 'idle windows say nothing of it');
  lately.endWindow(10, 900, 0.8);
  t.ok(lately.rate >= 800, 'nor does what has just begun');
});

t.test('META-63 work in lumps is done no faster, and a pause is no measure of what can be done', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 6, max: 5000 }), (every, perWindow) => {
      const lately = new ServedRate();
      for (let window = 0; window < 40; window++) {
        lately.endWindow(window % every === 0 ? perWindow * every : 0, perWindow, 1);
      }
      // Six windows are no multiple of all: one lump too many may be in them.
      const share = (6 * lately.rate) / (every * perWindow);
      return share > 0.7 * Math.floor(6 / every) && share < 1.01 * Math.ceil(6 / every);
    }),
    { verbose: 1 },
  );
  const lately = new ServedRate();
  for (let windows = 0; windows < 8; windows++) lately.endWindow(1000, 0, 1);
  lately.endWindow(0, 1000, 1);
  t.ok(lately.rate >= 800, 'after a pause');
  for (let windows = 0; windows < 20; windows++) lately.endWindow(100, 0, 1);
  t.equal(lately.rate, 100, 'who has become slow is slow');
});
