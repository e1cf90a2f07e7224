import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { DEMO_API_KEY, DEMO_SECRET } from '../config/demo-config.ts';
import { createAccessToken } from '../edge/access-token.ts';
import { DemoGateway, eventually } from './fixtures/demo-gateway.ts';

t.setTimeout(180_000);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCUMENT = readFileSync(join(ROOT, 'docs/client.md'), 'utf8');
const CODE = [...DOCUMENT.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

/** A project of somebody else's, which has this one installed. */
function project(t: { teardown(end: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-project-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/sluice'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  return folder;
}

t.test(
  'CLIENT-41 the example of the documentation runs as it stands, and shows the captions of a meeting',
  async (t) => {
    const gateway = await DemoGateway.start(t);
    const folder = project(t);
    const example = CODE[0]!;
    t.ok(example.trim().split('\n').length <= 15, 'it is short');
    t.match(example, "'ws://127.0.0.1:7480/v1/signal'", 'it is for the gateway of npm start');
    writeFileSync(join(folder, 'listen.js'), example.replace('ws://127.0.0.1:7480/v1/signal', gateway.signalUrl));
    const jwt = await createAccessToken({ apiKey: DEMO_API_KEY, secret: DEMO_SECRET, identity: 'ada', room: 'demo' });
    const child = spawn(process.execPath, ['listen.js', jwt], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
    t.teardown(async () => {
      child.kill();
      await once(child, 'close');
    });
    await eventually(() => /^\w+: \w/m.test(said), 'a caption is shown').catch((error) => t.fail(`${error}: ${said}`));
    t.match(said, /^joined /m);
    t.match(said, /^\d+ others are here$/m);
  },
);

t.test('CLIENT-41 the encoding to hand in is where the documentation says', async (t) => {
  const folder = project(t);
  const code = CODE[1]!.replace('...options', "signalUrl: 'ws://127.0.0.1:1', accessToken: 'x', room: 'r'");
  writeFileSync(join(folder, 'one.js'), `${code}\nconsole.log(protobufEncoding.subprotocol);`);
  const child = spawn(process.execPath, ['one.js'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  t.equal(String(chunk).trim(), 'protobuf');
  await once(child, 'close');
});
