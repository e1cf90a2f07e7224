import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { createClient } from '../client/sluice-client.ts';
import { BareGateway } from './fixtures/bare-gateway.ts';
import { eventually } from './fixtures/demo-gateway.ts';

t.setTimeout(180_000);

const SMALL = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');

t.test('CLIENT-36 a client keeps to the credit of classes that only this gateway has', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-policy-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, SMALL.replace('captions:', 'speech:'));
  process.env.SLUICE_POLICY = file;
  const gateway = await BareGateway.start(t);
  for (const subprotocol of ['json', 'protobuf'] as const) {
    const accessToken = await gateway.accessToken(`agent-${subprotocol}`, 'agent');
    const client = createClient({ signalUrl: gateway.signalUrl, accessToken, room: 'hall', subprotocol });
    t.teardown(async () => client.close());
    let separate = false;
    client.on('metadataState', ({ state }) => {
      separate = state === 'separate';
    });
    let granted = 0;
    client.on('credit', (credit) => {
      if (credit.class === 'speech') granted += credit.frames;
    });
    await client.connect();
    await eventually(() => separate, 'the metadata socket');
    // All in one go: nothing can come from the gateway meanwhile.
    const outcomes = Array.from({ length: 70 }, (_, segment) =>
      client.publish({ kind: Kind.caption, caption: { stream: subprotocol, segment, text: 'word' } }),
    );
    t.same(
      outcomes,
      [...Array(60).fill('sent'), ...Array(10).fill('waiting')],
      `60 is the burst of the policy (${subprotocol})`,
    );
    await client.flushed();
    t.ok(granted >= 10, 'the rest went with what was granted then');
  }
});
