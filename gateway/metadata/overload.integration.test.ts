/** That a worker which gets no time refuses what matters least, tells of it, and loses nothing that must not be lost. */
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { batchOf, final, moderation } from './fixtures/frames.ts';
import type { MetadataClient } from './fixtures/metadata-client.ts';
import { metadataUnderTest, until } from './fixtures/metadata-under-test.ts';

const DEFAULT = readFileSync(new URL('../../classes/default-policy.yaml', import.meta.url), 'utf8');
/** So that nothing is refused for its rate. */
const ROOMY = DEFAULT.replace(
  'limits: {session: {rate: 5, burst: 10}}',
  'limits: {session: {rate: 50000, burst: 50000}}',
);
const BUSY_MS = 100;
const MOST_TURNS = 300;
/** A session passes or does not: of many, some do not. */
const BOTS = 12;

t.test(
  'META-67 a worker that is late refuses deferred frames first, and every final and moderation comes through',
  async (t) => {
    const gateway = await metadataUnderTest(t, { policy: ROOMY });
    const ann = await gateway.open({ identity: 'ann' });
    const bots: MetadataClient[] = [];
    for (let index = 0; index < BOTS; index++) bots.push(await gateway.open({ identity: `bot-${index}`, agent: true }));
    const bot = bots[0]!;
    const summary: Frame = {
      kind: Kind.summary,
      summary: { payload: Buffer.from('x'), model: 'm', modelVersion: '1' },
    };
    const summaries = batchOf(Array.from({ length: 12 }, () => summary));
    const refused = () => gateway.outcome('deferred', 'rejected_overload');
    let finals = 0;
    // The worker is in this process: whatever keeps it busy makes the worker late.
    for (let count = 0; count < MOST_TURNS && refused() === 0; count++) {
      const endMs = performance.now() + BUSY_MS;
      while (performance.now() < endMs);
      for (const each of bots) each.send(summaries);
      if (count % 10 === 0) bot.send(batchOf([final('s', ++finals, 'the end'), moderation(`m${finals}`)]));
      await turn();
    }
    t.ok(refused() > 0, `${refused()} summaries refused for overload`);
    const told = () => bots.flatMap(({ frames }) => frames.flatMap((frame) => frame.throttled ?? []));
    await until(() => told().length > 0, 'somebody to be told');
    t.ok(told().every((throttled) => throttled.class === 'deferred' && throttled.retryAfterMs! > 0));
    t.equal((await ann.count('moderation', finals)).length, finals);
    await until(() => ann.received.filter(({ frame }) => frame.final).length === finals, 'every final');
    t.equal(gateway.outcome('premium', 'rejected_overload') + gateway.outcome('captions', 'rejected_overload'), 0);
    gateway.conserved();
  },
);
