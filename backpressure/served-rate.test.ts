import fc from 'fast-check';
import t from 'tap';
import { ServedRate } from './served-rate.ts';

t.test('META-63 what can be done is what was done by the time that the worker was busy', async (t) => {
  const rate = new ServedRate();
  for (let windows = 0; windows < 4; windows++) rate.endWindow(0, 0);
  t.equal(rate.endWindow(250, 0.25), 1000, 'a quarter of the time, after idle windows');
  t.equal(rate.endWindow(0, 0), 1000, 'which say nothing of it');
});

t.test('META-63 work in lumps is done no faster, and a window that a pause cut short is no measure', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5000 }), (every, perWindow) => {
      const rate = new ServedRate();
      let last = 0;
      for (let window = 0; window < 24; window++)
        last = rate.endWindow(window % every === 0 ? perWindow * every : 0, 1);
      // Four windows are no multiple of three: one lump too many may be in them.
      return last >= perWindow * 0.99 && last <= perWindow * (every === 3 ? 1.51 : 1.01);
    }),
    { verbose: 1 },
  );
  const rate = new ServedRate();
  for (let windows = 0; windows < 4; windows++) rate.endWindow(1000, 1);
  t.equal(rate.endWindow(0, 1), 1000);
  for (let windows = 0; windows < 8; windows++) rate.endWindow(100, 1);
  t.equal(rate.endWindow(100, 1), 100, 'who has become slow is slow');
});
