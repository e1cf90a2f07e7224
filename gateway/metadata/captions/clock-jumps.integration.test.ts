/** The wall clock is set while captions are under way: back by hours and by a day, and forwards by seconds. */
import t from 'tap';
import { Kind } from '../../../schemas/kinds.ts';
import { final, interim, moderation } from '../fixtures/frames.ts';
import { metadataUnderTest, until } from '../fixtures/metadata-under-test.ts';

const HOUR_MS = 3_600_000;
/** What the clock is off by, one after the other. Forwards by little: access tokens end by that clock, and should. */
const OFF_BY_MS = [0, -HOUR_MS, -24 * HOUR_MS, 5000, -2 * HOUR_MS, 0];
const SEGMENTS = 18;
const REVISIONS = 5;

t.test('META-72 a wall clock that jumps loses nothing, delays nothing and shows nothing wrong', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann' });
  const bot = await gateway.open({ identity: 'bot', agent: true });
  const wall = Date.now;
  let offMs = 0;
  Date.now = () => wall() + offMs;
  t.teardown(() => {
    Date.now = wall;
  });
  for (let segment = 1; segment <= SEGMENTS; segment++) {
    for (let revision = 1; revision <= REVISIONS; revision++) {
      // In the middle of a segment, between what leaves at once and what waits for its tick.
      if (revision === 3) offMs = OFF_BY_MS[segment % OFF_BY_MS.length]!;
      bot.send(interim('s', segment, revision, `${segment}: ${'word '.repeat(revision)}`));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    bot.send(final('s', segment, `${segment} said`, {}, segment));
    bot.send(moderation(`verdict ${segment}`));
  }
  await ann.count('moderation', SEGMENTS);
  const captions = ann.of('caption');
  const finals = captions.filter((frame) => frame.final).map(({ caption }) => caption!.text);
  t.strictSame(
    finals,
    Array.from({ length: SEGMENTS }, (_, index) => `${index + 1} said`),
    'every final once, in order',
  );
  const versions = captions.map(({ caption }) => caption!.segment! * 10_000 + caption!.revision!);
  t.strictSame(
    versions,
    versions.toSorted((a, b) => a - b),
    'nothing older after what was newer',
  );
  t.ok(captions.length >= 2 * SEGMENTS, `${captions.length} captions: interims leave meanwhile`);
  await until(() => bot.frames.some(({ accepted }) => accepted?.upTo === SEGMENTS), 'all of them accepted');
  const times = ann.received.map(({ frame }) => frame.ts!);
  t.strictSame(
    times,
    times.toSorted((a, b) => a - b),
    'times go on from where they were',
  );
  t.ok(times.at(-1)! - times[0]! < HOUR_MS / 2, 'and not to where the clock went');
  t.equal(ann.frames.filter(({ kind }) => kind === Kind.throttled).length, 0);
  await until(() => gateway.snapshot().queued.every((count) => count === 0), 'nothing to wait');
  gateway.conserved();
});
