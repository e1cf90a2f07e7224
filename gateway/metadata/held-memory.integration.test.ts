/** That rooms and subscribers keep to what the configuration lets each of them have, and that this is to be seen. */
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { batchOf, custom, presence } from './fixtures/frames.ts';
import { LASTING_POLICY } from './fixtures/lasting-policy.ts';
import { type MetadataUnderTest, metadataUnderTest, until } from './fixtures/metadata-under-test.ts';

const LIMITS = { unackedBytes: 4096, roomLogBytes: 65_536, roomLiveBytes: 32_768, metadataRunFrames: 1e6 };

/** Nobody is refused for a rate: how much comes in is then the same on every machine. */
const POLICY = LASTING_POLICY.replaceAll(/\{rate: \d+, burst: \d+\}/g, '{rate: 1000000, burst: 1000000}');

const heldBy = (gateway: MetadataUnderTest) => {
  const held = gateway.snapshot().held ?? [];
  return Object.fromEntries(held.map((one) => [one.of, one]));
};

t.test('OPS-26 a reader that stops reading, and values and texts without end, stay within their bounds', async (t) => {
  const gateway = await metadataUnderTest(t, { limits: LIMITS, policy: POLICY });
  const ann = await gateway.open({ identity: 'ann' });
  await gateway.open({ identity: 'ben', room: 'elsewhere' });
  const bot = await gateway.open({ identity: 'bot', agent: true });
  bot.send(custom('first'));
  await ann.count('custom', 1);
  await until(() => heldBy(gateway).subscriber_unacked!.count === 3, 'three subscribers');
  t.strictSame([heldBy(gateway).room_log!.count, heldBy(gateway).room_live!.count], [2, 2]);
  ann.acks = false;
  const most = { room_live: 0, room_log: 0, subscriber_unacked: 0 };
  const watch = () => {
    for (const of of Object.keys(most) as (keyof typeof most)[]) {
      most[of] = Math.max(most[of], heldBy(gateway)[of]!.largestBytes);
    }
  };
  const text = 'word '.repeat(100);
  for (let round = 0; round < 100; round++) {
    const grows = { stream: `s${round}`, segment: 1, mode: 1, offset: 0, text };
    bot.send({ kind: Kind.caption, caption: grows });
    bot.send(batchOf([presence(`key ${round}`, text), custom(text)]));
    await bot.settled();
    if (round % 10 !== 9) continue;
    // Between two writes a room holds what came since, too: the bounds are those of what it keeps.
    await until(() => gateway.snapshot().queued.every((count) => count === 0), 'written');
    watch();
  }
  await until(() => gateway.snapshot().queued.every((count) => count === 0) || ann.socket.readyState === 3, 'rest');
  watch();
  const slack = 16_384;
  t.ok(most.room_live > 16_384 && most.room_live <= LIMITS.roomLiveBytes, `${most.room_live} bytes live`);
  t.ok(most.room_log > 16_384 && most.room_log <= LIMITS.roomLogBytes, `${most.room_log} bytes in the log`);
  t.ok(most.subscriber_unacked >= LIMITS.unackedBytes / 2, `${most.subscriber_unacked} bytes under way`);
  t.ok(most.subscriber_unacked <= LIMITS.unackedBytes + slack, `${most.subscriber_unacked} bytes under way`);
  t.strictSame(
    Object.values(heldBy(gateway)).map(({ limitBytes }) => limitBytes),
    [LIMITS.roomLogBytes, LIMITS.roomLiveBytes, LIMITS.unackedBytes],
  );
  t.ok(gateway.snapshot().memory!.heap > most.room_log);
});
