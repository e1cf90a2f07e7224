import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { eventually } from './fixtures/gateway-under-test.ts';
import { OperatedPlace, policyText } from './fixtures/operated-gateway.ts';

t.setTimeout(300_000);

const EDITOR = 'the-token-of-an-editor';
const VIEWER = 'the-token-of-a-viewer';
const TOKENS = `operatorTokens=[{token: ${EDITOR}, role: editor, name: ada}, {token: ${VIEWER}, role: viewer}]`;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

t.test(
  'POLICY-30 a policy is put over HTTP with If-Match, in force in every plane when the answer comes',
  async (t) => {
    const gateway = await new OperatedPlace(t).start('metadataWorkers=2');
    const looked = await gateway.ask('GET', '/v1/policy');
    t.match(looked, { status: 200, body: { version: 1, name: 'v1', how: 'start' }, etag: /^"[0-9a-f]{12}"$/ });
    t.equal(looked.etag, `"${String(looked.body.hash)}"`);
    t.match(await gateway.ask('PUT', '/v1/policy', policyText(2)), { status: 428, body: { detail: /If-Match/ } });
    const put = await gateway.ask('PUT', '/v1/policy', policyText(2), { 'if-match': looked.etag });
    t.match(put, {
      status: 200,
      body: {
        version: 2,
        changed: true,
        diff: ['version 1 → 2', 'name v1 → v2', 'captions.limits.session.rate 11 → 12'],
        planes: [{ error: null }, { error: null }, { error: null }],
      },
    });
    t.strictSame(await gateway.planeVersions(), [2, 2, 2]);
    t.match(await gateway.ask('PUT', '/v1/policy', policyText(3), { 'if-match': looked.etag }), {
      status: 412,
      etag: put.etag,
      type: /problem\+json/,
      body: { detail: /is [0-9a-f]{12} \(version 2\), not [0-9a-f]{12}/, active: { version: 2 } },
    });
    t.equal(await gateway.version(), 2);
    const yaml = await gateway.ask('GET', '/v1/policy', undefined, { accept: 'application/yaml' });
    t.match(yaml, { type: /yaml/, body: { text: policyText(2) } });
    t.match(await gateway.put(policyText(2)), { status: 200, body: { changed: false, version: 2 } });
    t.equal((await gateway.gateway.get('/readyz')).status, 200, 'and all the time it was ready');
    t.match((await gateway.gateway.status()).planes[2], { policyHash: String(put.body.hash) });
  },
);

t.test('POLICY-30 of wishes that come at once with one ETag, one is granted', async (t) => {
  const gateway = await new OperatedPlace(t).start();
  const { etag } = await gateway.ask('GET', '/v1/policy');
  const answers = await Promise.all(
    [2, 3, 4, 5, 6].map((version) => gateway.ask('PUT', '/v1/policy', policyText(version), { 'if-match': etag })),
  );
  t.strictSame(answers.map(({ status }) => status).sort(), [200, 412, 412, 412, 412]);
});

t.test('POLICY-31 a dry run says what would change, and what is wrong, and changes nothing', async (t) => {
  const gateway = await new OperatedPlace(t).start();
  const wouldBe = await gateway.put(policyText(2), {}, '?dryRun=true');
  t.match(wouldBe, {
    status: 200,
    body: { dryRun: true, changed: true, diff: ['version 1 → 2', /name/, /rate 11 → 12/] },
  });
  t.match(await gateway.put('version: x', {}, '?dryRun=true&file=mine.yaml'), { status: 422 });
  t.match(await gateway.put(policyText(2), {}, '?dryRun=perhaps'), {
    status: 400,
    body: { detail: /dryRun: expected/ },
  });
  t.equal(await gateway.version(), 1);
  t.match(await gateway.ask('GET', '/v1/policy/history'), { body: { entries: { length: 1 } } });
  t.equal(await gateway.gateway.metric('sluice_policy_reload_failures_total'), 0, 'trying out is no failure');
});

t.test('POLICY-32 a policy that is not valid never takes effect, and is told wherever operators look', async (t) => {
  const place = new OperatedPlace(t);
  const gateway = await place.start();
  const wrong = policyText(2).replace('weight: 8', 'wieght: 8');
  const line = wrong.split('\n').findIndex((each) => each.includes('wieght')) + 1;
  const put = await gateway.put(wrong, {}, '?file=mine.yaml');
  t.match(put, {
    status: 422,
    type: /^application\/problem\+json/,
    body: {
      type: 'about:blank',
      title: 'Unprocessable Entity',
      detail: `mine.yaml:${line}:5: classes.premium.wieght: there is no such key (did you mean "weight"?)`,
      problems: [{ line, column: 5, path: 'classes.premium.wieght', expected: 'weight', nearest: 'weight' }],
      active: { version: 1 },
    },
  });
  const failures = 'sluice_policy_reload_failures_total';
  t.equal(await gateway.gateway.metric(failures), 1);
  writeFileSync(place.file, wrong);
  await eventually(async () => (await gateway.gateway.metric(failures)) === 2, 'the file was refused');
  gateway.gateway.child.kill('SIGHUP');
  await eventually(async () => (await gateway.gateway.metric(failures)) === 3, 'and again at SIGHUP');
  rmSync(place.file);
  gateway.gateway.child.kill('SIGHUP');
  await eventually(async () => (await gateway.gateway.metric(failures)) >= 4, 'a file that is gone');
  const status = JSON.parse((await gateway.gateway.get('/v1/status')).text) as { policyFailure: unknown };
  t.match(status.policyFailure, { how: /signal|file/, lines: [/there is no such file/] });
  t.match(gateway.log, /"problems":\["[^"]*policy\.yaml:\d+:5: classes\.premium\.wieght/);
  t.match(gateway.log, /a policy was refused, version 1 stays in force/);
  t.strictSame([await gateway.version(), ...(await gateway.planeVersions())], [1, 1, 1]);
  t.equal((await gateway.put(policyText(2))).status, 200);
  const after = JSON.parse((await gateway.gateway.get('/v1/status')).text) as { policyFailure: unknown };
  t.equal(after.policyFailure, null, 'a policy that is accepted ends it');
});

t.test(
  'POLICY-33 the policy file is read again when it is written, replaced or linked anew, and at SIGHUP',
  async (t) => {
    const place = new OperatedPlace(t);
    const gateway = await place.start();
    writeFileSync(place.file, policyText(2));
    await gateway.runs(2);
    for (const version of [3, 4]) {
      const beside = join(place.folder, '.policy.yaml.swp');
      writeFileSync(beside, policyText(version));
      renameSync(beside, place.file);
      await gateway.runs(version);
    }
    // As deployments do it: the file is a link through a link that is replaced.
    mkdirSync(join(place.folder, 'five'));
    writeFileSync(join(place.folder, 'five', 'policy.yaml'), policyText(5));
    symlinkSync('five', join(place.folder, 'data'));
    rmSync(place.file);
    symlinkSync('data/policy.yaml', place.file);
    await gateway.runs(5);
    mkdirSync(join(place.folder, 'six'));
    writeFileSync(join(place.folder, 'six', 'policy.yaml'), policyText(6));
    symlinkSync('six', join(place.folder, 'data.new'));
    renameSync(join(place.folder, 'data.new'), join(place.folder, 'data'));
    await gateway.runs(6);

    t.equal((await gateway.put(policyText(7))).status, 200);
    writeFileSync(place.file, policyText(6));
    await new Promise((resolve) => setTimeout(resolve, 500));
    t.equal(await gateway.version(), 7, 'a file that only was touched is no news');
    gateway.gateway.child.kill('SIGHUP');
    await gateway.runs(6);
    const { entries } = (await gateway.ask('GET', '/v1/policy/history')).body as {
      entries: { how: string; who: string }[];
    };
    t.match(entries[0], { how: 'signal', who: 'SIGHUP' });
    t.match(entries[2], { how: 'file', who: 'file watch' });
    t.strictSame(await gateway.planeVersions(), [6, 6]);
  },
);

t.test('POLICY-34 an accepted policy outlives a restart and goes before the file until that changes', async (t) => {
  const place = new OperatedPlace(t);
  const first = await place.start();
  await first.put(policyText(2));
  await first.stop();
  const second = await place.start();
  t.equal(await second.version(), 2);
  t.strictSame(await second.planeVersions(), [2, 2]);
  t.match(await second.ask('GET', '/v1/policy/history'), { body: { entries: [{ version: 2 }, { version: 1 }] } });
  t.match(second.log, /policy version 2 is in force again/);
  await second.stop();
  writeFileSync(place.file, policyText(3));
  const third = await place.start();
  t.equal(await third.version(), 3, 'somebody has written something else into the file since');
  await third.stop();
  const kept = join(place.state, 'gateways', 'tested', 'policies.json');
  writeFileSync(kept, readFileSync(kept, 'utf8').replace('version: 3', 'version: 8'));
  const fourth = await place.start();
  t.equal(await fourth.version(), 3, 'a file that is not what was written is not used');
  t.match(fourth.log, /policies\.json: the kept policies cannot be used \(the text of number \d is not the one/);
  t.ok(existsSync(`${kept}.broken`));
});

t.test('POLICY-35 the history tells every policy there was, and one can go back', async (t) => {
  const gateway = await new OperatedPlace(t).start();
  for (const version of [2, 3]) await gateway.put(policyText(version));
  t.match(await gateway.ask('GET', '/v1/policy/history'), {
    body: { entries: [{ number: 3, version: 3, diff: ['version 2 → 3', /./, /./] }, { version: 2 }, { version: 1 }] },
  });
  t.match(await gateway.ask('GET', '/v1/policy/history/2'), { body: { version: 2, text: policyText(2) } });
  t.equal((await gateway.ask('GET', '/v1/policy/history/9')).status, 404);
  t.match(await gateway.ask('POST', '/v1/policy/rollback', ''), { status: 200, body: { version: 2, how: 'rollback' } });
  t.match(await gateway.ask('POST', '/v1/policy/rollback', '{"to": 1}'), { status: 200, body: { version: 1 } });
  t.strictSame(await gateway.planeVersions(), [1, 1]);
  t.match(await gateway.ask('POST', '/v1/policy/rollback', '{"to": 9}'), {
    status: 404,
    body: { detail: /no version 9, only 1, 2, 3/ },
  });
  for (const body of ['{"to": "x"}', '{"too": 1}', '[', '7']) {
    t.match(
      await gateway.ask('POST', '/v1/policy/rollback', body),
      { status: 400, body: { detail: /expected/ } },
      body,
    );
  }
  t.match(await gateway.ask('POST', '/v1/policy/rollback', '{"to": 3}', { 'if-match': '"0"' }), { status: 412 });
});

t.test('POLICY-36 a version number means one policy only', async (t) => {
  const gateway = await new OperatedPlace(t).start();
  await gateway.put(policyText(2));
  const clash = await gateway.put(policyText(1, 'v1', 99));
  t.match(clash, {
    status: 409,
    body: {
      detail: /version 1 was another policy, accepted .*: expected a new number, such as 3/,
      problems: [{ line: 1, path: 'version' }],
    },
  });
  t.equal(await gateway.version(), 2);
  t.match(await gateway.put(`# a remark\n${policyText(2)}`), { status: 200, body: { changed: true, diff: [] } });
});

t.test('POLICY-37 viewers may look and editors may change; who did what is written down', async (t) => {
  const place = new OperatedPlace(t);
  const gateway = await place.start(TOKENS);
  t.equal((await gateway.ask('GET', '/v1/policy')).status, 401);
  for (const path of ['/v1/policy', '/v1/policy/history', '/v1/classes', '/v1/audit']) {
    t.equal((await gateway.ask('GET', path, undefined, bearer(VIEWER))).status, 200, path);
  }
  t.match(await gateway.put(policyText(2), bearer(VIEWER)), {
    status: 403,
    body: { detail: /expected the token of an editor/ },
  });
  t.equal((await gateway.ask('POST', '/v1/policy/rollback', '', bearer(VIEWER))).status, 403);
  t.equal((await gateway.put(policyText(2), bearer(EDITOR))).status, 200);
  t.equal((await gateway.put('nonsense', bearer(EDITOR))).status, 422);
  await gateway.ask('POST', '/v1/policy/rollback', '', bearer(EDITOR));
  const audit = await gateway.ask('GET', '/v1/audit?limit=10', undefined, bearer(VIEWER));
  t.match(audit.body.entries, [
    { who: 'ada', what: 'policy.rollback', outcome: 'done', version: 1, details: ['version 2 → 1', /./, /./] },
    { who: 'ada', what: 'policy.apply', outcome: 'refused', details: [/expected a policy/] },
    { who: 'ada', from: /127\.0\.0\.1/, what: 'policy.apply', outcome: 'done', version: 2, at: /^\d{4}-/ },
  ]);
  t.equal((await gateway.ask('GET', '/v1/audit?limit=0', undefined, bearer(VIEWER))).status, 400);
  const lines = readFileSync(join(place.state, 'gateways', 'tested', 'audit.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  t.equal(lines.length, 3, 'each a line on disk');
  t.match(await gateway.put(policyText(2), { ...bearer(EDITOR), origin: 'http://evil.example' }), { status: 403 });
});

t.test(
  'POLICY-38 a plane that is started again goes by the policy in force, and numbers classes as before',
  async (t) => {
    const gateway = await new OperatedPlace(t).start();
    await gateway.put(policyText(2).replace('  deferred: ', '  later: ').replace('class: deferred', 'class: later'));
    const classesOf = async () => (await gateway.gateway.plane('metadata')).snapshot?.classes.join();
    const classes = await classesOf();
    t.match(classes, /deferred,later,unclassified$/);
    process.kill((await gateway.gateway.plane('metadata')).pid!, 'SIGKILL');
    await eventually(async () => (await gateway.gateway.plane('metadata')).restarts === 1, 'restart');
    await eventually(async () => (await gateway.planeVersions()).every((version) => version === 2), 'with version 2');
    t.equal(await classesOf(), classes);
  },
);

t.test('POLICY-38 a plane that does not take a policy over is told of', async (t) => {
  const gateway = await new OperatedPlace(t).start();
  const put = await gateway.put(policyText(2, 'refused by planes'));
  t.match(put.body.planes, [{ error: 'the fake plane does not want this policy' }, { error: /does not want/ }]);
  t.equal(await gateway.gateway.metric('sluice_policy_reload_failures_total'), 1);
  t.match(gateway.log, /metadata 0 does not go by policy version 2: the fake plane does not want this policy/);
  t.strictSame(await gateway.planeVersions(), [1, 1]);
});

t.test('OPS-24 a plane that hangs is killed and started again, the other goes on', async (t) => {
  const gateway = await new OperatedPlace(t).start();
  const control = await gateway.gateway.plane('control');
  const put = await gateway.put(policyText(2, 'hangs'));
  t.match(put.body.planes, [{ error: null }, { error: /did not say within 5 s/ }]);
  await gateway.put(policyText(3));
  await eventually(async () => (await gateway.gateway.plane('metadata')).restarts === 1, 'restart');
  const metadata = await gateway.gateway.plane('metadata');
  t.match(metadata.lastDeath, /^it hung: nothing came from it for 15 s$/);
  await eventually(async () => (await gateway.planeVersions())[1] === 3, 'it is back');
  t.match(await gateway.gateway.plane('control'), { pid: control.pid, restarts: 0 });
});
