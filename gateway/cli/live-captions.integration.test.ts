import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { JanusServer } from '../agents/fixtures/janus-server.ts';
import { ChromiumFixture } from '../client/fixtures/chromium.ts';
import { debianTool } from '../client/fixtures/debian-tool.ts';
import { BareGateway, type Ending } from './fixtures/bare-gateway.ts';
import { BrowserRoom } from './fixtures/browser-scenario.ts';
import { sluice } from './fixtures/demo-gateway.ts';

// A browser, a recogniser and a voice, on a machine that may be busy.
t.setTimeout(600_000);

const SPOKEN = 'the weather is nice today and we will open the window';
const SILENCE_SECONDS = 3;

/** A WAV file of a voice that says `words`, then says nothing for a while. */
function spoken(folder: string, words: string): string {
  const flite = debianTool(['flite'], ['flite']);
  const path = join(folder, 'spoken.wav');
  execFileSync(flite, ['-voice', 'slt', '-t', words, '-o', path]);
  const wav = readFileSync(path);
  const rate = wav.readUInt32LE(24);
  const samples = wav.subarray(44);
  const silence = Buffer.alloc(rate * 2 * SILENCE_SECONDS);
  wav.writeUInt32LE(36 + silence.length + samples.length + silence.length, 4);
  wav.writeUInt32LE(silence.length + samples.length + silence.length, 40);
  writeFileSync(path, Buffer.concat([wav.subarray(0, 44), silence, samples, silence]));
  return path;
}

const SFUS: Readonly<Record<string, (t: Ending, gateway: BareGateway) => Promise<unknown>>> = {
  reference: async (t, gateway) => gateway.node(t, 'reference', '--node-id', 'sfu'),
  Janus: async (t, gateway) => {
    const janus = await JanusServer.start(t);
    return gateway.node(t, 'janus', '--janus', janus.url, '--node-id', 'sfu');
  },
};

for (const [name, start] of Object.entries(SFUS)) {
  t.test(`REAL-5 REAL-8 words spoken into a microphone are captions in the other tab (${name})`, (t) =>
    spokenWords(t, start),
  );
}

async function spokenWords(t: Test, startSfu: (t: Ending, gateway: BareGateway) => Promise<unknown>): Promise<void> {
  debianTool(['pocketsphinx_continuous'], ['pocketsphinx', 'pocketsphinx-en-us']);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-spoken-'));
  t.teardown(async () => rmSync(folder, { recursive: true, force: true }));
  const gateway = await BareGateway.start(t);
  await startSfu(t, gateway);
  await gateway.nodeIs('sfu');
  const token = await gateway.accessToken('scribe', 'agent');
  const place = ['--room', 'hall', '--tenant', gateway.tenant, '--signal', gateway.signalUrl, '--token', token];
  const captions = gateway.node(t, 'captions', '--live', ...place, '--node-id', 'scribe');
  await gateway.nodeIs('scribe').catch((error) => t.fail(`${error} ${captions.stderr} ${captions.stdout}`));
  const browser = await ChromiumFixture.start(t, spoken(folder, SPOKEN));
  const room = new BrowserRoom(gateway, browser, 'hall');
  t.teardown(() => room.end());
  await room.join('reader', 'json', false);
  await room.join('ann');

  const words = SPOKEN.split(' ');
  const heard = (lines: readonly string[]): number =>
    Math.max(0, ...lines.map((line) => words.filter((word) => line.split(/[ :]+/).includes(word)).length));
  const report = await room
    .until(
      'reader',
      'interims, and a final with most of the words',
      ({ interims, finals }) => heard(interims) > 0 && heard(finals) >= words.length / 2,
    )
    .catch((error) => {
      throw new Error(`${error.message}\n${captions.stderr}${captions.stdout}`);
    });
  t.ok(
    report.finals.every((line) => line.startsWith('ann: ')),
    'they bear the name of who spoke',
  );
  const { finals, interims } = report.confidences;
  const meant = finals.every((confidence) => confidence !== null && confidence > 0 && confidence <= 1);
  t.ok(meant, `finals bear the recogniser's confidence: ${finals.join(', ')}`);
  t.ok(
    interims.every((confidence) => confidence === null),
    'interims bear none',
  );
  t.ok(
    report.interims.every((line) => line.startsWith('ann: ')),
    'interims too',
  );
}

t.test('REAL-7 live captions without the recogniser, or with no mode at all, are one line that says so', async (t) => {
  const none = await sluice('node', 'captions', '--live', '--recogniser', 'no-such-recogniser');
  t.equal(none.code, 1);
  t.match(none.stderr, /^sluice: --live needs no-such-recogniser.*apt-get install pocketsphinx.*\n$/);
  const neither = await sluice('node', 'captions');
  t.equal(neither.code, 2);
  t.match(neither.stderr, /expected --trace or --live/);
});
