import t from 'tap';
import { metadataUnderTest } from '../fixtures/metadata-under-test.ts';

/** Longer than a test may take: a drain that waits for all of it never ends here. */
const DRAIN_MS = 600_000;

t.test('META-68 a worker that drains tells everybody when to go, and ends when all have gone', async (t) => {
  const gateway = await metadataUnderTest(t, { drainMs: DRAIN_MS });
  const clients = await Promise.all(['ann', 'bob'].map((identity) => gateway.open({ identity })));
  let ended = false;
  const drained = gateway.planes[0]!.drain().then(() => {
    ended = true;
  });
  for (const client of clients) {
    const { goaway } = await client.seen('goaway');
    t.match(goaway, { reason: 'draining' });
    t.ok(goaway!.reconnectAfterMs! < DRAIN_MS);
  }
  await t.rejects(gateway.open({ identity: 'late' }));
  clients[0]!.drop();
  await clients[1]!.settled();
  t.notOk(ended, 'one is still there');
  clients[1]!.drop();
  await drained;
});

t.test('META-68 who is still there at the end of the time is disconnected', async (t) => {
  const gateway = await metadataUnderTest(t, { drainMs: 300 });
  const ann = await gateway.open({ identity: 'ann' });
  await gateway.planes[0]!.drain();
  t.equal((await ann.closed).code, 4200);
});
