/** What the levels of the ladder leave of interims, by real sockets. */
import t from 'tap';
import { Kind } from '../../../schemas/kinds.ts';
import { batchOf, final, interim } from '../fixtures/frames.ts';
import { hears, textsOf } from '../fixtures/metadata-client.ts';
import { metadataUnderTest, until } from '../fixtures/metadata-under-test.ts';

t.test('LADDER-18 at level 1 a room writes what waits for its tick a third as often', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann' });
  const bot = await gateway.open({ identity: 'bot', agent: true });
  let revision = 0;
  /** Interims that arrive while forty are published, one every 25 ms. */
  const arrive = async (): Promise<number> => {
    const before = textsOf(ann).length;
    for (let count = 0; count < 40; count++) {
      bot.send(interim('s', 1, ++revision, `word ${revision}`));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return textsOf(ann).length - before;
  };
  const usual = await arrive();
  gateway.climb(1);
  const slowed = await arrive();
  gateway.climb(0);
  const again = await arrive();
  t.ok(slowed > 0 && slowed < 0.6 * usual && slowed < 0.6 * again, `${usual}, ${slowed}, ${again} interims`);
  await until(() => gateway.snapshot().queued.every((count) => count === 0), 'nothing to wait');
  gateway.conserved();
});

t.test(
  'LADDER-19 interims leave for speakers in focus only, then for nobody; finals and text that is appended all do',
  async (t) => {
    const gateway = await metadataUnderTest(t);
    const ann = await gateway.open({ identity: 'ann' });
    const ben = await gateway.open({ identity: 'ben', json: true });
    ben.send({ kind: Kind.subscribe, subscribe: { id: 1, focus: ['slt'] } });
    await ben.seen('ok');
    const bot = await gateway.open({ identity: 'bot', agent: true });
    const say = (segment: number, word: string) => {
      const of = (speaker: string) => interim(`s-${speaker}`, segment, 1, `${word} ${speaker}`, { speaker });
      bot.send(batchOf([of('slt'), of('rms')]));
    };
    const end = async (segment: number, text: string) => {
      bot.send(final('s-rms', segment, text, { speaker: 'rms' }));
      await Promise.all([hears(ann, text), hears(ben, text)]);
    };
    say(1, 'all');
    await Promise.all([hears(ann, 'all slt'), hears(ben, 'all slt'), hears(ann, 'all rms'), hears(ben, 'all rms')]);
    gateway.climb(3);
    say(2, 'focused');
    await hears(ben, 'focused slt');
    await end(2, 'end of focused');
    t.notOk(textsOf(ben).includes('focused rms'));
    t.notOk(
      textsOf(ann).some((text) => text!.startsWith('focused')),
      'who named nobody gets none',
    );
    ann.send({ kind: Kind.subscribe, subscribe: { id: 2, focus: ['rms'] } });
    await ann.seen('ok');
    say(3, 'chosen');
    await Promise.all([hears(ann, 'chosen rms'), hears(ben, 'chosen slt')]);
    t.notOk(textsOf(ann).includes('chosen slt'));
    gateway.climb(4);
    say(4, 'none');
    bot.send({ kind: Kind.caption, caption: { stream: 'grows', segment: 1, mode: 1, offset: 0, text: 'bit by bit' } });
    await Promise.all([hears(ann, 'bit by bit'), hears(ben, 'bit by bit')]);
    await end(4, 'end of none');
    t.notOk([ann, ben].some((client) => textsOf(client).some((text) => text!.startsWith('none'))));
    t.ok(gateway.outcome('captions', 'evicted_ladder') >= 3, 'what nobody got is counted');
    gateway.climb(0);
    say(5, 'again');
    await Promise.all([hears(ann, 'again slt'), hears(ben, 'again rms')]);
    gateway.conserved();
  },
);

t.test(
  'LADDER-19 who takes differences can make sense of every interim before and after a level that kept some back',
  async (t) => {
    const gateway = await metadataUnderTest(t);
    const ann = await gateway.open({ identity: 'ann', query: '?capabilities=captionDelta' });
    const bot = await gateway.open({ identity: 'bot', agent: true });
    const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(' ');
    let heard = '';
    let taken = 0;
    const hear = () => {
      for (const { caption } of ann.of('caption').slice(taken)) {
        taken++;
        const { keepPrefix, text } = caption!;
        heard = keepPrefix ? [...heard].slice(0, keepPrefix).join('') + text : text!;
      }
      return heard;
    };
    for (let count = 1; count <= 24; count++) {
      if (count === 9) gateway.climb(4);
      if (count === 17) gateway.climb(0);
      bot.send(interim('s', 1, count, words(count)));
      if (count <= 8 || count > 16) await ann.until(() => hear() === words(count));
      else await bot.settled();
    }
    t.ok(
      ann.of('caption').some(({ caption }) => (caption!.keepPrefix ?? 0) > 0),
      'some came as differences',
    );
    t.ok(ann.of('caption').every(({ caption }) => caption!.revision! <= 8 || caption!.revision! > 16));
    gateway.conserved();
  },
);
