/**
 * The demo page's script: one call, its captions, a flood, and what the gateway makes of both. It uses the client
 * library as any application would.
 */
import { probeCalls } from './call-probe.ts';
import { CaptionLines } from './caption-lines.ts';
import { ClassStrip } from './class-strip.ts';
import { DemoCall } from './demo-call.ts';
import { byId } from './elements.ts';
import { FloodForm } from './flood-form.ts';
import { accessToken, isLetIn, notify } from './gateway-place.ts';
import { ladderLine } from './ladder-line.ts';
import { followLive } from './live-stream.ts';
import { type OwnMedia, ownMedia } from './own-media.ts';
import { SetupBars } from './setup-bars.ts';
import { SetupPlot } from './setup-plot.ts';
import { Tiles } from './tiles.ts';

const NAMES = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Claude', 'Hedy', 'Radia'];

const nameField = byId('name', HTMLInputElement);
const roomField = byId('room', HTMLInputElement);
const pictureField = byId('picture', HTMLSelectElement);
const joinForm = byId('join', HTMLFormElement);
const joinButton = byId('join-button', HTMLButtonElement);
const controls = byId('controls', HTMLDivElement);

const tiles = new Tiles(() => call?.sawFrame());
const setupBars = new SetupBars();
const captions = new CaptionLines();
let call: DemoCall | null = null;
let media: OwnMedia | null = null;

nameField.value = NAMES[Math.floor(Math.random() * NAMES.length)] ?? 'Ada';

joinForm.addEventListener('submit', (event) => {
  event.preventDefault();
  joinButton.disabled = true;
  join()
    .catch((error) => end(`Joining failed: ${error instanceof Error ? error.message : error}`))
    .finally(() => {
      joinButton.disabled = false;
    });
});

async function join(): Promise<void> {
  notify('');
  setupBars.begin();
  const name = nameField.value.trim();
  const room = wordOf(roomField.value) || 'demo';
  // Two tabs may bear one name; the gateway gives each identity one place in a room.
  const identity = `${wordOf(name) || 'guest'}-${Math.random().toString(36).slice(2, 6)}`;
  const jwt = await accessToken(identity, room);
  media = await ownMedia(name, pictureField.value === 'camera');
  notify(media.excuse);
  call = new DemoCall(
    { accessToken: jwt, room, identity, name, stream: media.stream },
    {
      stage: (stage, sinceMs) => setupBars.reach(stage, sinceMs),
      participant: (one) => {
        if (one.identity !== identity) tiles.participant(one.identity, one.name, one.state);
      },
      media: (from, stream) => tiles.media(from, stream),
      metadata: (state) => captions.comeBy(state),
      // What is wrong with our own media stays so when other troubles are over.
      trouble: (message) => notify(message || media?.excuse || ''),
      ended: end,
    },
  );
  tiles.own(name, media.stream);
  captions.follow(call.client);
  joinForm.hidden = true;
  controls.hidden = false;
  await call.start();
}

/** Back to where a call can be joined. */
function end(message: string): void {
  media?.stop();
  media = null;
  call?.client.close();
  call = null;
  tiles.clear();
  joinForm.hidden = false;
  controls.hidden = true;
  for (const button of controls.querySelectorAll('button')) button.setAttribute('aria-pressed', 'false');
  tiles.hear(false);
  notify(message);
}

byId('leave', HTMLButtonElement).addEventListener('click', () => void call?.leave());
onToggle('sound', (sound) => tiles.hear(sound));
onToggle('mute-audio', (muted) => mute('audio', muted));
onToggle('mute-video', (muted) => {
  tiles.ownMuted(muted);
  mute('video', muted);
});

function mute(kind: 'audio' | 'video', muted: boolean): void {
  call?.mute(kind, muted).catch((error) => notify(`Muting failed: ${error.message}`));
}

function onToggle(id: string, toggled: (on: boolean) => void): void {
  const button = byId(id, HTMLButtonElement);
  button.addEventListener('click', () => {
    const on = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(on));
    toggled(on);
  });
}

/** What the gateway takes as an identity or a room: letters, digits, dots, dashes, underscores. */
function wordOf(text: string): string {
  return text
    .trim()
    .replaceAll(/[^\w.-]+/g, '-')
    .slice(0, 40);
}

window.addEventListener('pagehide', () => void call?.leave());

/** What the gateway makes of it all, from now on. */
function watch(): void {
  const strip = new ClassStrip();
  const plot = new SetupPlot();
  const floodForm = new FloodForm();
  const foot = byId('foot', HTMLParagraphElement);
  const footText = foot.textContent;
  const worker = document.querySelector<HTMLMetaElement>('meta[name=probe-worker]')?.content ?? '';
  probeCalls(worker, (result) => plot.probe(result));
  followLive(
    (second, flood) => {
      strip.add(second);
      floodForm.show(flood);
      plot.second(second.atMs, flood.running);
      foot.textContent = [ladderLine(second.ladder), footText].filter(Boolean).join(' · ');
    },
    (message) => {
      foot.textContent = message;
    },
  );
}

// Somebody completes the address of a page that is open already.
window.addEventListener('hashchange', () => location.reload());
const letIn = await isLetIn();
byId('locked', HTMLElement).hidden = letIn;
byId('page', HTMLElement).hidden = !letIn;
if (letIn) watch();
