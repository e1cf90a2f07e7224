import t, { type Test } from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { type Frame, proto } from '../../schemas/proto.ts';
import { CaptionStore } from '../client/caption-store.ts';
import type { Subprotocol } from '../client/frame-encoding.ts';
import { connect, type SluiceClient } from '../client/sluice-client.ts';
import { DEMO_API_KEY, DEMO_SECRET } from '../config/demo-config.ts';
import { createAccessToken } from '../edge/access-token.ts';
import { DemoGateway, eventually } from './fixtures/demo-gateway.ts';

const { Mode, State } = proto.Caption;
const ROOM = 'texts';

/** What people write, and what breaks who counts in bytes, in UTF-16 or in what one sees. */
const TEXTS = [
  '',
  '👩‍👩‍👧‍👦 says 🇩🇪 and 𝒳 \u{10FFFF}',
  'e\u0301a\u0308o\u0302\u0323 Zalgo: h\u0300\u0301\u0302\u0303i',
  'שלום, \u202Bمرحبا 123\u202C: \u200Fabc',
  'line\u2028paragraph\u2029, tab\t, nul \u0000, "quotes" \\ </script>',
  '\uFEFF한국어 日本語 ไทย नमस्ते',
  'é'.repeat(32_768),
];

async function join(t: Test, signalUrl: string, identity: string, more: object = {}): Promise<SluiceClient> {
  const kind = identity.startsWith('agent') ? 'agent' : 'standard';
  const accessToken = await createAccessToken({ apiKey: DEMO_API_KEY, secret: DEMO_SECRET, identity, kind });
  const client = await connect({ signalUrl, room: ROOM, accessToken, ...more });
  t.teardown(() => client.close());
  return client;
}

/** Somebody who reads captions: what was shown, and what was told as final. */
class Reader {
  readonly name: string;
  readonly client: SluiceClient;
  readonly finals: { readonly stream: string; readonly segment: number; readonly text: string }[] = [];
  /** What was shown and never published, or went back. */
  readonly wrong: string[] = [];
  /** The newest version shown of each segment. */
  readonly shown = new Map<string, number>();

  constructor(name: string, client: SluiceClient, versionsOf: (stream: string, segment: number) => readonly string[]) {
    this.name = name;
    this.client = client;
    const store = new CaptionStore({
      changed: ({ stream, segment, text, final }) => {
        const versions = versionsOf(stream, segment);
        const version = final ? versions.length - 1 : versions.indexOf(text);
        const key = `${stream} ${segment}`;
        if (versions[version] !== text || version < (this.shown.get(key) ?? 0)) {
          this.wrong.push(`${key}: ${JSON.stringify(text.slice(0, 40))} after version ${this.shown.get(key)}`);
        }
        this.shown.set(key, version);
      },
      finalised: ({ stream, segment, text }) => this.finals.push({ stream, segment, text }),
    });
    client.on('caption', (frame) => store.take(frame));
  }
}

/** The versions of a text in the order they were said: growing by a part, the last one whole. */
function versionsOf(text: string): string[] {
  const points = [...text];
  const cut = (share: number) => points.slice(0, Math.round(points.length * share)).join('');
  return [...new Set([cut(0.3), cut(0.6), cut(0.8), text])];
}

/** What is published of a segment before something of it is shown, and after. */
type Course = readonly [before: Frame[], after: Frame[]];

/** Captions that replace: out of order, with repetitions, the final twice and an interim after it. */
function replaced(segment: number): Course {
  const versions = versionsOf(TEXTS[segment]!);
  const frame = (revision: number, final: boolean): Frame => ({
    kind: Kind.caption,
    final,
    caption: { stream: 'replace', segment, revision, text: versions[revision]!, speaker: 'agent-replace' },
  });
  const last = versions.length - 1;
  const interims = versions.slice(0, -1).map((_, revision) => frame(revision, false));
  const final = frame(last, true);
  return [
    [...interims.slice(1), ...interims.slice(0, 2)],
    [final, final, ...interims.slice(0, 1)],
  ];
}

/** Captions that grow, cut anywhere between code points: the parts backwards, the second one twice; the end before or after. */
function appended(segment: number): Course {
  const points = [...TEXTS[segment]!];
  const cuts = [0, 0.3, 0.6, 0.8, 1].map((share) => Math.round(points.length * share));
  const parts = cuts.slice(0, -1).map((offset, index): Frame => {
    const final = index === cuts.length - 2;
    const text = points.slice(offset, cuts[index + 1]).join('');
    const state = final ? State.completed : State.open;
    return {
      kind: Kind.caption,
      final,
      caption: { stream: 'append', segment, mode: Mode.append, offset, text, state, speaker: 'agent-append' },
    };
  });
  const [first, second, third, end] = parts as [Frame, Frame, Frame, Frame];
  return segment % 2 === 0 ? [[third, second, second, first], [end]] : [[], [third, end, second, second, first]];
}

t.test('CLIENT-53 of whatever text nothing is lost and nothing wrong is shown', async (t) => {
  const { signalUrl } = await DemoGateway.start(t);
  const said = (stream: string, segment: number): readonly string[] => {
    if (stream === 'replace') return versionsOf(TEXTS[segment]!);
    const points = [...TEXTS[segment]!];
    return points.length > 1000
      ? [0, 0.3, 0.6, 0.8, 1].map((share) => points.slice(0, Math.round(points.length * share)).join(''))
      : Array.from({ length: points.length + 1 }, (_, length) => points.slice(0, length).join(''));
  };
  const readers: Reader[] = [];
  for (const subprotocol of ['protobuf', 'json'] satisfies Subprotocol[]) {
    for (const capabilities of [[], ['captionDelta'], ['mixed']]) {
      const name = `${subprotocol} ${capabilities}`;
      readers.push(new Reader(name, await join(t, signalUrl, name, { subprotocol, capabilities }), said));
    }
  }
  const publishers = [
    { agent: await join(t, signalUrl, 'agent-replace', { subprotocol: 'json' }), stream: 'replace', course: replaced },
    {
      agent: await join(t, signalUrl, 'agent-append', { subprotocol: 'protobuf' }),
      stream: 'append',
      course: appended,
    },
  ];
  for (const segment of TEXTS.keys()) {
    for (const { agent, stream, course } of publishers) {
      const [before, after] = course(segment);
      for (const frame of before) agent.publish(frame);
      const isShown = ({ shown }: Reader) => shown.has(`${stream} ${segment}`);
      if (before.length > 0) await eventually(() => readers.every(isShown), `an interim of ${stream} ${segment}`);
      for (const frame of after) agent.publish(frame);
    }
    for (const reader of readers) {
      await eventually(() => reader.finals.length >= 2 * (segment + 1), `${reader.name}: both finals of ${segment}`);
    }
  }
  for (const { name, finals, wrong } of readers) {
    for (const stream of ['replace', 'append']) {
      const texts = finals.filter((each) => each.stream === stream);
      t.ok(
        texts.length === TEXTS.length && texts.every(({ segment, text }, at) => segment === at && text === TEXTS[at]),
        `${name}: every final of ${stream} once, in order, as it was written`,
      );
    }
    t.strictSame(wrong, [], `${name}: nothing was shown that was not said, and nothing went back`);
  }
});
