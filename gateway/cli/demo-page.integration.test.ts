import { request } from 'node:http';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { type CallTab, ChromiumFixture } from '../client/fixtures/chromium.ts';
import { createClient } from '../client/sluice-client.ts';
import { DEMO_API_KEY, DEMO_SECRET } from '../config/demo-config.ts';
import { createAccessToken } from '../edge/access-token.ts';
import { DemoGateway, eventually } from './fixtures/demo-gateway.ts';

// A browser with several calls, on a machine that may be busy.
t.setTimeout(600_000);

/** Joins as a person would, and waits until the media connection stands. Resolves to the time it took, ms. */
async function join({ page }: CallTab, name: string): Promise<number> {
  await page.fill('#name', name);
  await page.click('#join-button');
  await page.waitForFunction(() => /to connected/.test(document.querySelector('#setup-total')?.textContent ?? ''));
  return Number.parseFloat((await page.textContent('#setup-total')) ?? '');
}

/** The median time of a few calls, each left again. */
async function medianJoin(tab: CallTab): Promise<number> {
  const times: number[] = [];
  for (let call = 0; call < 5; call++) {
    times.push(await join(tab, 'Barbara'));
    await tab.page.click('#leave');
    await tab.page.waitForSelector('#join-button');
  }
  return times.sort((a, b) => a - b)[2]!;
}

async function open(
  browser: ChromiumFixture,
  gateway: DemoGateway,
  size?: { width: number; height: number },
  before?: () => void,
): Promise<CallTab> {
  const tab = await browser.show(gateway.signalUrl.replace(/^ws(.*)\/v1\/signal$/, 'http$1/'), size, before);
  await tab.page.waitForSelector('#join-button');
  return tab;
}

/** Frames of others that this tab has decoded, by their names. */
function decoded({ page }: CallTab): Promise<Record<string, number>> {
  return page.evaluate(() => {
    const tiles = [...document.querySelectorAll('.tile:not(.own)')];
    const frames = (tile: Element) => tile.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
    return Object.fromEntries(tiles.map((tile) => [tile.querySelector('figcaption')?.textContent ?? '', frames(tile)]));
  });
}

/** In the page, ahead of it: keeps its peer connections where a test finds them. */
function keepConnections(): void {
  const kept: RTCPeerConnection[] = [];
  Object.assign(window, { kept });
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      kept.push(this);
    }
  };
}

/** In a page that keeps its connections: RTP packets received by kind. */
async function packetsReceived(): Promise<{ audio: number; video: number }> {
  const { kept } = window as unknown as { kept: RTCPeerConnection[] };
  const sum = { audio: 0, video: 0 };
  for (const connection of kept) {
    for (const one of (await connection.getStats()).values()) {
      const { type, kind, packetsReceived } = one as { type: string; kind: 'audio' | 'video'; packetsReceived: number };
      if (type === 'inbound-rtp') sum[kind] += packetsReceived;
    }
  }
  return sum;
}

/** Frames a second that the gateway is offered now, as it tells by itself. */
async function offeredPerSecond(gateway: DemoGateway): Promise<number> {
  const response = await fetch(`${gateway.operatorUrl}/v1/live`);
  const reader = response.body!.getReader();
  let text = '';
  // The first second has nothing to be compared with.
  while (text.split('\n\n').length < 4) text += Buffer.from((await reader.read()).value ?? []).toString();
  await reader.cancel();
  const second = JSON.parse(
    text
      .split('\n\n')
      .at(-2)!
      .replace(/^data: /, ''),
  ) as { classes: { offered: number }[] };
  return second.classes.reduce((sum, { offered }) => sum + offered, 0);
}

t.test('the demo page in Chromium', async (t) => {
  const gateway = await DemoGateway.start(t);
  const browser = await ChromiumFixture.start(t);
  const ada = await open(browser, gateway);
  const grace = await open(browser, gateway);

  await t.test('DEMO-1 two tabs join a room and decode the frames of each other', async (t) => {
    await join(ada, 'Ada');
    await join(grace, 'Grace');
    const seen = async (tab: CallTab, name: string) => {
      await eventually(async () => ((await decoded(tab))[name] ?? 0) >= 5, `frames of ${name} are decoded`);
      t.pass(`${name} is seen`);
    };
    await Promise.all([seen(ada, 'Grace'), seen(grace, 'Ada')]);
    t.equal(await grace.page.locator('#setup .bar').count(), 7, 'every stage of the setup has its bar');
    t.equal(await ada.page.locator('#setup .bar').count(), 6, 'who came first did not wait for a frame of others');
  });

  await t.test('DEMO-2 interims look other than finals; speaker, replay and confidence are shown', async (t) => {
    const style = (selector: string) =>
      ada.page.waitForSelector(selector).then((line) =>
        line.evaluate((one) => {
          const { fontStyle, color } = getComputedStyle(one);
          return { fontStyle, color };
        }),
      );
    const interim = await style('#captions .interim .text');
    const final = await style('#captions .final .text');
    t.equal(interim.fontStyle, 'italic');
    t.equal(final.fontStyle, 'normal');
    t.not(interim.color, final.color);
    t.equal(await ada.page.textContent('#captions .final .badge'), 'replay');
    t.match(await ada.page.textContent('#captions .final .speaker'), /\w/);

    const secret = DEMO_SECRET;
    const accessToken = await createAccessToken({ apiKey: DEMO_API_KEY, secret, identity: 'scribe', kind: 'agent' });
    const writer = createClient({ signalUrl: gateway.signalUrl, accessToken, room: 'demo' });
    t.teardown(async () => writer.close());
    await writer.connect();
    await ada.page.waitForSelector('.tile[data-identity=scribe]');
    const caption = { stream: 'scribe', segment: 0, revision: 0, text: '<b>forty-two</b>', confidence: 0.87 };
    writer.publish({ kind: Kind.caption, final: true, caption });
    await writer.flushed();
    const line = ada.page.locator('#captions li', { hasText: '<b>forty-two</b>' });
    await line.waitFor();
    t.equal(await line.locator('.confidence').textContent(), '87 % sure');
    t.equal(await line.locator('.badge').count(), 0, 'what is said now is no replay');
    await writer.leave();
  });

  await t.test('DEMO-3 a call connects while a flood of at least 20 000 frames a second goes on', async (t) => {
    const third = await open(browser, gateway);
    const idleMs = await medianJoin(third);
    await ada.page.fill('#rate', '30000');
    await ada.page.click('#flood-button');
    let offered = 0;
    await eventually(async () => {
      offered = await offeredPerSecond(gateway);
      return offered >= 20_000;
    }, 'the gateway is offered 20 000 frames a second');
    const floodedMs = await medianJoin(third);
    t.pass('the third tab was connected every time');
    await join(third, 'Barbara');
    await eventually(async () => Object.keys(await decoded(third)).length >= 2, 'it sees the others');
    const { running } = (await (await fetch(`${gateway.operatorUrl}/demo/flood`)).json()) as { running: boolean };
    t.ok(running, 'and all the while the flood went on');
    // In a second in which nothing came, nothing is shed.
    await ada.page.waitForSelector('.class-row[data-class=captions] .part.shed');
    t.comment(`${Math.round(offered)} frames/s offered`);
    t.comment(`calls connected in ${floodedMs} ms, ${(floodedMs / idleMs).toFixed(2)} times the idle ${idleMs} ms`);
    t.comment(`probes of the page: ${await ada.page.textContent('#probe-summary')}`);
    await ada.page.click('#flood-button');
    await ada.page.waitForFunction(() => /over/.test(document.querySelector('#flood-status')?.textContent ?? ''));
    await third.page.close();
  });

  await t.test('DEMO-4 who leaves is seen to leave, and can join again', async (t) => {
    await grace.page.click('#leave');
    await eventually(async () => !('Grace' in (await decoded(ada))), 'Grace is gone');
    await grace.page.waitForSelector('#join-button');
    t.ok(await grace.page.isVisible('#no-tiles'), 'her page is as at first');
    await join(grace, 'Grace');
    await eventually(async () => ((await decoded(ada)).Grace ?? 0) >= 1, 'Grace is seen again');
  });

  await t.test('DEMO-12 a picture that is stopped stops reaching others, and comes back', async (t) => {
    const frames = async () => (await decoded(grace)).Ada ?? 0;
    const more = async (since: number) => (await frames()) > since + 3;
    await ada.page.click('#mute-video');
    await eventually(async () => {
      const before = await frames();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return (await frames()) === before;
    }, 'no more frames of Ada come');
    const stopped = await frames();
    await ada.page.click('#mute-video');
    await eventually(() => more(stopped), 'frames of Ada come again');
    t.equal(await ada.page.getAttribute('#mute-video', 'aria-pressed'), 'false');
  });

  await t.test('DEMO-18 a microphone that is muted stops reaching others, and comes back', async (t) => {
    const listener = await open(browser, gateway, undefined, keepConnections);
    await join(listener, 'Hedy');
    const received = () => listener.page.evaluate(packetsReceived);
    const audioOf = async (packets: number) => {
      const { audio } = await received();
      await eventually(async () => (await received()).audio >= audio + packets, 'sound comes');
    };
    await grace.page.click('#leave');
    await audioOf(20);
    await ada.page.click('#mute-audio');
    t.equal(await ada.page.getAttribute('#mute-audio', 'aria-pressed'), 'true');
    // Sound has stopped when much of the picture has come without any.
    await eventually(async () => {
      const before = await received();
      await eventually(async () => (await received()).video >= before.video + 50, 'the picture goes on');
      return (await received()).audio === before.audio;
    }, 'no more sound of Ada comes');
    await ada.page.click('#mute-audio');
    await audioOf(20);
    t.pass('sound comes again');
    await listener.page.close();
    await join(grace, 'Grace');
  });

  await t.test(
    'DEMO-19 camera and microphone are sent where they may be used; else the page says why not',
    async (t) => {
      const filmed = await open(browser, gateway);
      await filmed.page.selectOption('#picture', 'camera');
      await join(filmed, 'Radia');
      t.ok(await filmed.page.isHidden('#notice'), 'nothing to excuse');
      const size = await filmed.page.evaluate(() => {
        const video = document.querySelector<HTMLVideoElement>('.tile.own video');
        const tracks = video?.srcObject instanceof MediaStream ? video.srcObject.getTracks() : [];
        return { kinds: tracks.map(({ kind }) => kind).sort(), width: video?.videoWidth };
      });
      t.strictSame(size, { kinds: ['audio', 'video'], width: 640 }, 'the camera’s picture, not the generated one');
      await eventually(async () => ((await decoded(ada)).Radia ?? 0) >= 5, 'others decode it');
      await filmed.page.close();

      const refused = await open(browser, gateway, undefined, () => {
        navigator.mediaDevices.getUserMedia = () =>
          Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
      });
      await refused.page.selectOption('#picture', 'camera');
      await join(refused, 'Alan');
      t.match(await refused.page.textContent('#notice'), /camera cannot be used \(Permission denied\).*generated/);
      await eventually(async () => ((await decoded(ada)).Alan ?? 0) >= 5, 'and he is seen all the same');
      await refused.page.close();
    },
  );

  for (const temper of ['cooperative', 'over-rate', 'rude']) {
    await t.test(`DEMO-17 a ${temper} flood is started on the page, and its calls are answered`, async (t) => {
      const { page } = ada;
      await page.selectOption('#temper', temper);
      await page.fill('#rate', '20000');
      t.ok((await page.textContent('#temper-hint'))?.includes('They '), 'it says what these agents do');
      await page.click('#flood-button');
      await page.waitForFunction((word) => {
        const told = document.querySelector('#flood-status')?.textContent ?? '';
        return told.includes(`${word} agents send`);
      }, temper);
      const probes = async () => {
        const [, count = '0'] =
          /(\d+) calls? under it/.exec((await page.getAttribute('#probe-summary', 'title')) ?? '') ?? [];
        return Number(count);
      };
      await eventually(async () => (await probes()) >= 5, 'calls are placed meanwhile');
      t.comment(`${await page.textContent('#flood-status')} ${await page.textContent('#probe-summary')}`);
      t.notMatch(await page.textContent('#probe-summary'), /without an answer/);
      await page.click('#flood-button');
      await page.waitForFunction(() => /over/.test(document.querySelector('#flood-status')?.textContent ?? ''));
    });
  }

  await t.test('DEMO-21 a tab that is not looked at follows nothing, and goes on when it is', async (t) => {
    const { page } = await open(browser, gateway);
    const live = (request: { url(): string }) => new URL(request.url()).pathname === '/v1/live';
    const show = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await page.waitForSelector('.class-row');
    const ended = page.waitForEvent('requestfailed', live);
    await show(true);
    await ended;
    const begun = page.waitForRequest(live);
    await show(false);
    await begun;
    t.notMatch(await page.textContent('#foot'), /silent/, 'and nothing was missed');
    await page.close();
  });

  await t.test('DEMO-20 on a phone’s width nothing reaches beyond the screen', async (t) => {
    const phone = await open(browser, gateway, { width: 390, height: 844 });
    const widest = () =>
      phone.page.evaluate(() =>
        Math.max(...[...document.querySelectorAll('body *')].map((one) => one.getBoundingClientRect().right)),
      );
    await phone.page.waitForSelector('.class-row');
    t.ok((await widest()) <= 390, 'before joining');
    await join(phone, 'Barbara of the very long name indeed');
    await phone.page.waitForSelector('#captions li .text');
    t.ok((await widest()) <= 390, 'and in a call');
    await phone.page.close();
  });

  t.strictSame([...ada.lines, ...grace.lines], [], 'DEMO-5 nothing was written to the console');

  await t.test('CLIENT-35 the page speaks JSON and loads nothing of protobufjs', async (t) => {
    t.ok(ada.requests.includes('/gateway/client/sluice-client.ts'), 'it loads the client library');
    t.strictSame(
      ada.requests.filter((path) => /protobuf|generated\/proto/.test(path)),
      [],
    );
  });

  await t.test('DEMO-6 only the files of the page are served, under a policy that lets in nothing else', async (t) => {
    const { hostname, port } = new URL(gateway.signalUrl);
    // As it stands: fetch would resolve the dots itself.
    const get = (path: string) =>
      new Promise<{ status: number; policy: string }>((resolve, reject) => {
        const asked = request({ hostname, port, path }, (response) => {
          response.resume();
          const policy = String(response.headers['content-security-policy'] ?? '');
          response.on('end', () => resolve({ status: response.statusCode ?? 0, policy }));
        });
        asked.on('error', reject);
        asked.end();
      });
    for (const path of ['/', '/gateway/client/demo/main.ts', '/gateway/client/demo/demo.css', '/schemas/kinds.ts']) {
      const { status, policy } = await get(path);
      t.equal(status, 200, path);
      t.match(policy, /default-src 'none'; script-src 'self'/);
    }
    const strangers = ['/package.json', '/gateway/control/control-plane.ts', '/gateway/client/../../package.json'];
    const disguised = ['/%2e%2e/package.json', '/gateway/client/demo/..%2f..%2f..%2fpackage.json', '//etc/passwd'];
    for (const path of [...strangers, ...disguised]) t.equal((await get(path)).status, 404, path);
    for (const path of ['/metrics', '/v1/status', '/demo/tokens'])
      t.equal((await get(path)).status, 404, `DEMO-8 ${path}`);
  });
});
