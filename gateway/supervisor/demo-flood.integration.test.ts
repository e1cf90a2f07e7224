import t from 'tap';
import type { FloodWish } from '../agents/flood-wish.ts';
import { DemoGateway, eventually } from '../cli/fixtures/demo-gateway.ts';
import { DEMO_API_KEY, DEMO_SECRET, DEMO_TENANT } from '../config/demo-config.ts';
import { DemoFlood } from './demo-flood.ts';

t.setTimeout(300_000);

const SIGNED = { apiKey: DEMO_API_KEY, secret: DEMO_SECRET, tenant: DEMO_TENANT };
const PERMITTED = { nice: false, raise: false, realTime: false };
const FLOODED = ['premium', 'captions', 'standard', 'deferred'];

/** Frames of the flood's classes that ended so, over all planes. */
async function ended(gateway: DemoGateway, outcome: RegExp): Promise<number> {
  const text = await (await fetch(`${gateway.operatorUrl}/metrics`)).text();
  let sum = 0;
  for (const line of text.split('\n')) {
    const [, labels = '', value = ''] = /^sluice_frames_total\{(.*)\} (\S+)/.exec(line) ?? [];
    const of = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    if (FLOODED.includes(of('class')) && outcome.test(of('outcome'))) sum += Number(value);
  }
  return sum;
}

t.test('DEMO-9 a flood ends by itself, and when it is stopped', async (t) => {
  const nowhere = { ...SIGNED, metadataUrl: 'ws://127.0.0.1:9/v1/metadata' };
  const wish: FloodWish = { temper: 'rude', agents: 1, framesPerSecond: 1 };
  const brief = new DemoFlood(nowhere, PERMITTED, 400);
  t.strictSame(brief.status(), { running: false, wish: null, count: null, remainingMs: 0 });
  t.match(brief.start(wish), { running: true, wish });
  await eventually(() => !brief.status().running, 'it ends by itself');

  const long = new DemoFlood(nowhere, PERMITTED);
  t.teardown(async () => long.stop());
  t.ok(long.start(wish).running);
  t.notOk(long.stop().running);
  t.equal(long.status().remainingMs, 0);
});

t.test('DEMO-11 cooperative agents hold back and are let through; over-rate ones are shed', async (t) => {
  const gateway = await DemoGateway.start(t);
  const status = await (await fetch(`${gateway.operatorUrl}/v1/status`)).json();
  const { ports } = (status as { planes: { plane: string; ports: { metadata: number } }[] }).planes.find(
    ({ plane }) => plane === 'metadata',
  )!;
  const target = { ...SIGNED, metadataUrl: `ws://127.0.0.1:${ports.metadata}/v1/metadata` };
  const flood = new DemoFlood(target, PERMITTED);
  t.teardown(async () => flood.stop());
  const run = async (wish: FloodWish, frames: number) => {
    const before = {
      shed: await ended(gateway, /^(rejected|evicted)_/),
      delivered: await ended(gateway, /^delivered$/),
    };
    flood.start(wish);
    await eventually(() => {
      const { writtenFrames = 0, withheldFrames = 0 } = flood.status().count ?? {};
      return writtenFrames + withheldFrames >= frames;
    }, `${frames} frames are due`);
    const count = flood.status().count!;
    flood.stop();
    // Planes report once a second.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const shed = (await ended(gateway, /^(rejected|evicted)_/)) - before.shed;
    const delivered = (await ended(gateway, /^delivered$/)) - before.delivered;
    t.comment(`${wish.temper}: ${JSON.stringify({ ...count, shed, delivered })}`);
    return { ...count, shed, delivered };
  };

  const cooperative = await run({ temper: 'cooperative', agents: 10, framesPerSecond: 5000 }, 15_000);
  t.ok(cooperative.withheldFrames > cooperative.writtenFrames, 'more is withheld than written');
  t.ok(cooperative.delivered > 0, 'and it is delivered');
  t.equal(cooperative.cuts, 0);

  const overRate = await run({ temper: 'over-rate', agents: 10, framesPerSecond: 5000 }, 15_000);
  t.ok(overRate.writtenFrames > 2 * cooperative.writtenFrames, 'over-rate agents write on');
  const share = ({ shed, writtenFrames }: { shed: number; writtenFrames: number }) => shed / writtenFrames;
  t.ok(share(overRate) > 0.5, 'and most of it is shed');
  t.ok(share(cooperative) < share(overRate) / 2, 'of what cooperative agents write, far less is shed');
});
