import { once } from 'node:events';
import { get } from 'node:https';
import { join } from 'node:path';
import t from 'tap';
import { type CallTab, ChromiumFixture } from '../client/fixtures/chromium.ts';
import { demoCertificate } from '../supervisor/demo-certificate.ts';
import { eventually } from './fixtures/demo-gateway.ts';
import { LanGateway } from './fixtures/lan-gateway.ts';
import { otherMachine } from './fixtures/other-machine.ts';

// Two browsers, on a machine that may be busy.
t.setTimeout(600_000);

const PHONE = { width: 390, height: 844 };

async function joinAs({ page }: Pick<CallTab, 'page'>, name: string): Promise<void> {
  await page.fill('#name', name);
  await page.click('#join-button');
  await page.waitForFunction(() => /to connected/.test(document.querySelector('#setup-total')?.textContent ?? ''));
}

/** Frames of others that this tab has decoded. */
function decoded({ page }: CallTab): Promise<number> {
  return page.evaluate(() => {
    const videos = [...document.querySelectorAll<HTMLVideoElement>('.tile:not(.own) video')];
    return videos.reduce((sum, video) => sum + video.getVideoPlaybackQuality().totalVideoFrames, 0);
  });
}

/** Status of a request without a browser. */
async function statusOf(gateway: LanGateway, path: string, authorization = ''): Promise<number> {
  const ca = gateway.certificate.toString();
  const headers = authorization && { authorization };
  const asked = get({ host: '127.0.0.1', port: gateway.port, path, ca, agent: false, ...(headers && { headers }) });
  const [response] = await once(asked, 'response');
  response.destroy();
  return response.statusCode;
}

t.test('the demo for other machines of the network', async (t) => {
  const folder = t.testdir({ state: {} });
  const state = join(folder, 'state');
  const machine = await otherMachine(t, folder);
  t.comment(`the other machine is ${machine.kind}`);
  const gateway = await LanGateway.start(t, state);
  const trust = [gateway.trust];
  const [there, here] = await Promise.all([
    ChromiumFixture.start(t, undefined, (program) => machine.wrapped(program), trust),
    ChromiumFixture.start(t, undefined, undefined, trust),
  ]);

  await t.test('DEMO-14 without the secret nothing answers, and the page says what is missing', async (t) => {
    for (const path of ['/demo/token?identity=a&room=demo', '/demo/flood', '/v1/live']) {
      t.equal(await statusOf(gateway, path), 401, path);
      t.equal(await statusOf(gateway, path, 'Bearer aaaaaaaaaaaaaaaa'), 401, `${path} with another`);
      t.equal(await statusOf(gateway, path, `Bearer ${gateway.secret}`), 200, `${path} with it`);
    }
    for (const path of ['/metrics', '/v1/status'])
      t.equal(await statusOf(gateway, path, `Bearer ${gateway.secret}`), 404);
    for (const secret of ['', 'aaaaaaaaaaaaaaaa']) {
      const { page } = await there.show(gateway.page(machine.address, secret), PHONE);
      await page.waitForSelector('#locked');
      t.notOk(await page.isVisible('#join-button'), 'nobody can join');
      await page.goto(gateway.page(machine.address));
      await page.waitForSelector('#join-button');
      t.notOk(await page.isVisible('#locked'), 'with the address completed all is there');
      await page.close();
    }
  });

  await t.test('DEMO-13 a browser on another machine joins over TLS; both sides see each other', async (t) => {
    const phone = await there.show(gateway.page(machine.address), PHONE);
    const desk = await here.show(gateway.page('localhost'));
    await Promise.all([joinAs(phone, 'Ada'), joinAs(desk, 'Grace')]);
    await eventually(async () => (await decoded(phone)) >= 5, 'the phone decodes frames');
    await eventually(async () => (await decoded(desk)) >= 5, 'so does the desk');
    await phone.page.waitForSelector('#captions .final');
    t.ok(await phone.page.isHidden('#shared'), 'captions come on a connection of their own');
    await phone.page.waitForSelector('.class-row[data-class=captions]');
    await phone.page.selectOption('#temper', 'over-rate');
    await phone.page.click('#flood-button');
    await phone.page.waitForFunction(() =>
      /frames\/s/.test(document.querySelector('#flood-status')?.textContent ?? ''),
    );
    t.pass('a flood is started from there');
    await phone.page.click('#flood-button');
    await phone.page.waitForFunction(() => /over/.test(document.querySelector('#flood-status')?.textContent ?? ''));
    t.strictSame([...phone.lines, ...desk.lines], [], 'and nothing was written to either console');
  });

  await t.test('DEMO-13 who is asked about the certificate is asked once, for both ports', async (t) => {
    const stranger = await ChromiumFixture.start(t, undefined, (program) => machine.wrapped(program));
    const { page } = await stranger.show('about:blank', PHONE);
    await t.rejects(page.goto(gateway.page(machine.address)), /ERR_CERT_AUTHORITY_INVALID/);
    // What Chromium's warning takes for "go on", as there is nobody to find the button.
    await eventually(async () => {
      await page.keyboard.type('thisisunsafe');
      return await page.isVisible('#join-button');
    }, 'the warning is overcome');
    await page.selectOption('#picture', 'camera');
    await joinAs({ page }, 'Radia');
    t.ok(await page.isHidden('#notice'), 'the camera may be used');
    await page.waitForSelector('#captions .final');
    t.ok(await page.isHidden('#shared'), 'captions come on a connection of their own');
    await page.close();
  });

  await t.test('DEMO-16 where the metadata port is not trusted, captions come with the call', async (t) => {
    const other = await demoCertificate(
      join(folder, 'other'),
      { hosts: ['localhost'], addresses: ['127.0.0.1'] },
      Date.now(),
    );
    const tls = { keyFile: other.keyFile, certFile: other.certFile };
    const strange = Object.entries(tls).map(([name, file]) => `listen.metadata.tls.${name}=${file}`);
    const second = await LanGateway.start(t, state, ...strange);
    t.equal(second.certificate.fingerprint256, gateway.certificate.fingerprint256, 'DEMO-15 the certificate was kept');
    t.not(second.secret, gateway.secret, 'the secret was not');
    const phone = await there.show(second.page(machine.address), PHONE);
    await joinAs(phone, 'Ada');
    await phone.page.waitForSelector('#shared');
    t.match(
      await phone.page.getAttribute('#shared-url', 'href'),
      new RegExp(`^https://${machine.address}:\\d+/healthz$`),
    );
    await phone.page.waitForSelector('#captions .final');
    t.pass('captions are read');
    await phone.page.close();
  });
});
