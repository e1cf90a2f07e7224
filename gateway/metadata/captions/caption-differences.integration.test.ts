/** Captions as differences, for those who ask for them: on a metadata socket, attached to a session, on a mixed one. */
import t from 'tap';
import { Kind } from '../../../schemas/kinds.ts';
import type { Frame } from '../../../schemas/proto.ts';
import { CaptionStore } from '../../client/caption-store.ts';
import { deliveredTo } from '../fixtures/delivered.ts';
import { final, interim } from '../fixtures/frames.ts';
import { metadataUnderTest, sleep, until } from '../fixtures/metadata-under-test.ts';

const TICK_MS = 100;
const HYPOTHESES = ['we can here', 'we can hear', 'we can hear you 🎉', 'we can hear your', 'we can hear the engine'];
const SESSION = { session: 'one', tenant: 'acme', room: 'room', identity: 'ann', resumeToken: 't' };
const RIGHTS = { canPublish: true, canSubscribe: true, canPublishData: true };

/** The texts that a client's store makes of captions, one after the other. */
function texts(frames: readonly Frame[]): string[] {
  const told: string[] = [];
  const store = new CaptionStore({ changed: ({ speaker, text }) => told.push(`${speaker}: ${text}`) });
  for (const frame of frames) if (!store.take(frame)) throw new Error(`nothing to change: ${JSON.stringify(frame)}`);
  return told;
}

const isDifference = ({ caption }: Frame) => typeof caption?.keepPrefix === 'number';

t.test('DELTA-2 who asks for differences gets them, the others whole captions, and both the same', async (t) => {
  const gateway = await metadataUnderTest(t);
  const agent = await gateway.open({ identity: 'agent', agent: true });
  const control = gateway.control();
  const update = { ...SESSION, rights: RIGHTS, captionDelta: true };
  const mixed = { ...update, session: 'two', identity: 'mix' };
  control.send({ sessionUpdate: update });
  control.send({ sessionUpdate: { ...mixed, mixed: true, json: true } });
  const asking = await gateway.open({ identity: 'asking', query: '?capabilities=mixed,captionDelta' });
  const attached = await gateway.open({ identity: 'ann', query: '?resume=1', json: true });
  attached.send({ kind: Kind.attach, attach: { session: 'one', resumeToken: 't' } });
  const plain = await gateway.open({ identity: 'plain' });
  await attached.settled();
  for (const [revision, text] of HYPOTHESES.entries()) {
    agent.send(interim('s', 1, revision, text, revision < 3 ? { speaker: 'eve' } : { speaker: 'eva' }));
    await plain.count('caption', revision + 1);
    await sleep(TICK_MS / 2);
  }
  agent.send(final('s', 1, 'we can hear the engine.'));
  await plain.count('caption', HYPOTHESES.length + 1);
  const onMixed = () =>
    deliveredTo(control, 'two', true)
      .flatMap(({ batch }) => batch?.frames ?? [])
      .filter(({ kind }) => kind === Kind.caption);
  await until(() => onMixed().length === HYPOTHESES.length + 1, 'the mixed socket to have everything');
  await asking.count('caption', HYPOTHESES.length + 1);
  await attached.count('caption', HYPOTHESES.length + 1);
  const expected = HYPOTHESES.map((text, revision) => `${revision < 3 ? 'eve' : 'eva'}: ${text}`);
  expected.push(': we can hear the engine.');
  t.same(texts(plain.of('caption')), expected);
  t.notOk(plain.of('caption').some(isDifference));
  for (const [name, frames] of [
    ['on a metadata socket', asking.of('caption')],
    ['attached', attached.of('caption')],
    ['mixed', onMixed()],
  ] as const) {
    t.same(texts(frames), expected, name);
    t.notOk(isDifference(frames[0]!) || isDifference(frames.at(-1)!), 'the first and the final are whole');
    t.ok(frames.filter(isDifference).length >= 2, `${frames.filter(isDifference).length} as differences`);
  }
  gateway.conserved();
});
