/** That operators can see the ladder and hold it at a level, in every plane. */
import t from 'tap';
import { eventually } from '../supervisor/fixtures/gateway-under-test.ts';
import { type OperatedGateway, OperatedPlace, policyText } from '../supervisor/fixtures/operated-gateway.ts';

t.setTimeout(120_000);

const EDITOR = 'the-token-of-an-editor';
const VIEWER = 'the-token-of-a-viewer';
const TOKENS = `operatorTokens=[{token: ${EDITOR}, role: editor, name: ada}, {token: ${VIEWER}, role: viewer}]`;
const JSON_BODY = { 'content-type': 'application/json' };

const pin = (gateway: OperatedGateway, level: unknown, headers: Record<string, string> = {}) =>
  gateway.ask('PUT', '/v1/ladder', JSON.stringify({ pin: level }), { ...JSON_BODY, ...headers });

/** Resolves when every plane says that it is at the level; fake planes say so among their sessions. */
function planesAt(gateway: OperatedGateway, level: number): Promise<void> {
  return eventually(async () => {
    const { planes } = await gateway.gateway.status();
    return planes.every(({ snapshot }) => snapshot !== null && (snapshot.sessions.ladderLevel ?? 0) === level);
  }, `every plane at level ${level}`);
}

t.test('LADDER-10 a level is pinned in every plane, told everywhere, written down, and let go again', async (t) => {
  const gateway = await new OperatedPlace(t).start('metadataWorkers=2');
  t.match(await gateway.ask('GET', '/v1/ladder'), { status: 200, body: { level: 0, highest: 3, pinned: false } });
  t.match(await pin(gateway, 2), {
    status: 200,
    body: { level: 2, pinned: true, cause: null, effects: { interims: 'focused', interimTickMs: 300 } },
  });
  await planesAt(gateway, 2);
  t.equal(await gateway.gateway.metric('sluice_ladder_level'), 2);
  const live = await fetch(`${gateway.gateway.url}/v1/live`);
  const reader = live.body!.pipeThrough(new TextDecoderStream()).getReader();
  t.match((await reader.read()).value, /"ladder":{"level":2,/);
  await reader.cancel();
  t.match(await pin(gateway, null), { status: 200, body: { level: 2, pinned: false } });
  t.match(await pin(gateway, 0), { status: 200, body: { level: 0 } });
  await planesAt(gateway, 0);
  const { body } = await gateway.ask('GET', '/v1/audit');
  t.match(body.entries, [
    { what: 'ladder', outcome: 'done', details: ['level 2, by load → level 0, pinned'] },
    { what: 'ladder', outcome: 'done', details: ['level 2, pinned → level 2, by load'] },
    { who: 'this machine', what: 'ladder', outcome: 'done', details: ['level 0, by load → level 2, pinned'] },
  ]);
});

t.test('LADDER-10 what is no level is refused with what was expected; viewers may look only', async (t) => {
  const gateway = await new OperatedPlace(t).start(TOKENS);
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  t.match(await gateway.ask('GET', '/v1/ladder', undefined, as(VIEWER)), { status: 200 });
  t.match(await pin(gateway, 1, as(VIEWER)), { status: 403, body: { detail: /editor/ } });
  t.match(await pin(gateway, 4, as(EDITOR)), {
    status: 400,
    body: { detail: 'pin: expected a level from 0 to 3, found 4' },
  });
  t.match(await pin(gateway, 'two', as(EDITOR)), { status: 400, body: { detail: /expected \{"pin": <level>\}/ } });
  const wrong = { ...JSON_BODY, ...as(EDITOR) };
  t.match(await gateway.ask('PUT', '/v1/ladder', '{"level": 2}', wrong), {
    status: 400,
    body: { detail: /level: there is no/ },
  });
  t.match(await gateway.ask('GET', '/v1/ladder', undefined, as(VIEWER)), { body: { level: 0 } });
});

t.test(
  'LADDER-11 a plane that is started again begins at the level; a policy with fewer levels lowers it',
  async (t) => {
    const gateway = await new OperatedPlace(t).start();
    await pin(gateway, 3);
    await planesAt(gateway, 3);
    process.kill((await gateway.gateway.plane('metadata')).pid!, 'SIGKILL');
    await eventually(async () => (await gateway.gateway.plane('metadata')).restarts === 1, 'a second life');
    await planesAt(gateway, 3);
    await gateway.put(policyText(2).replace(/^ {4}- \{interims: none\}\n/m, ''));
    await planesAt(gateway, 2);
    t.match(await gateway.ask('GET', '/v1/ladder'), { body: { level: 2, highest: 2, pinned: true } });
  },
);

t.test(
  'LADDER-23 a control plane that has no time left makes the gateway climb, and it comes down by itself',
  async (t) => {
    const text = (version: number, name: string) =>
      policyText(version, name)
        .replace('triggers: {loopUtilisation: 0.85}', 'triggers: {loopUtilisation: 0.9}\n  stepDownAfterMs: 500')
        .replace('- {interims: none}', '- {newCalls: refuse}');
    const gateway = await new OperatedPlace(t, text(1, 'load low')).start();
    t.match(await gateway.ask('GET', '/v1/ladder'), { body: { level: 0, highest: 3, pinned: false } });
    await gateway.put(text(2, 'load high'));
    await planesAt(gateway, 3);
    t.match(await gateway.ask('GET', '/v1/ladder'), { body: { level: 3, cause: 'loopUtilisation', pinned: false } });
    await gateway.put(text(3, 'load low'));
    await planesAt(gateway, 0);
    const steps = [...gateway.log.matchAll(/overload: level (\d) of the ladder/g)].map(([, level]) => Number(level));
    t.strictSame(steps, [1, 2, 3, 2, 1, 0], 'a step at a time');
  },
);
