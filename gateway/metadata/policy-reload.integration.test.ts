/** That frames of open sockets pass from policy to policy without being lost, counted twice or given a class of neither. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { parsePolicy } from '../../classes/parse-policy.ts';
import { Kind } from '../../schemas/kinds.ts';
import { OUTCOMES } from '../../schemas/metric-names.ts';
import type { Frame } from '../../schemas/proto.ts';
import { batchOf, custom, final, interim, presence } from './fixtures/frames.ts';
import { type MetadataUnderTest, metadataUnderTest, sleep, until } from './fixtures/metadata-under-test.ts';

t.setTimeout(180_000);

const SMALL = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');
const RULES = 200;
const RELOADS = 50;
const PUBLISHERS = 10;
const WIDE = 'limits: {session: {rate: 1000000, burst: 1000000}}';
const CLASSES = { 1: ['premium', 'standard', 'deferred'], 2: ['deferred', 'spare', 'premium'] } as const;

/** The class a version's rules give a custom frame of type `t<index>`. */
function classOf(version: 1 | 2, index: number): string {
  return CLASSES[version][(version * index) % 3]!;
}

/** Two hundred rules, other ones in each version, and limits that nothing here reaches. */
function ruled(version: 1 | 2): string {
  const [head = '', rest = ''] = SMALL.split('kinds:\n');
  const wide = head
    .replace('version: 1', `version: ${version}`)
    .replace('session: {rate: 50, burst: 100}', 'session: {rate: 1000000, burst: 1000000}')
    .replace(
      '      tenant: {rate: 5000, burst: 10000}\n      modelTokens: {tenant: {rate: 20000, burst: 100000}}\n',
      '',
    )
    .replace('limits: {session: {rate: 30, burst: 60}', 'limits: {session: {rate: 1000000, burst: 1000000}')
    .replace('tickMs: 100', version === 1 ? 'tickMs: 40' : 'tickMs: 70')
    .replace('rate: 5, burst: 20', 'rate: 1000000, burst: 1000000')
    .replace('custom]}', `custom], ${WIDE}}`)
    .replace('shedAtLevel: 2}', `shedAtLevel: 2, ${WIDE}}`);
  // In the second version presence has moved to a class of its own, which the first one does not have.
  const moved = wide.replace('[presence, gauge', '[gauge');
  const metadata = version === 1 ? wide : `${moved}  spare: {plane: metadata, weight: 1, match: [presence], ${WIDE}}\n`;
  const rules = Array.from({ length: RULES }, (_, index) => {
    const type = index % 2 === 0 ? `t${index}` : `"t${index}.*"`;
    return `  - {when: {kind: custom, type: ${type}}, class: ${classOf(version, index)}}\n`;
  });
  return `${metadata}kinds:\n${rest.split('rules:\n')[0]}rules:\n${rules.join('')}`;
}

const POLICIES = [ruled(1), ruled(2)] as const;
/** As the supervisor hands them to planes. */
const CHECKED = POLICIES.map((text) => {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return { file: 'test', text, document: parsed.document };
});

/** Frames refused before they were queued: a busy machine is overloaded at times, and says so. */
function rejected(gateway: MetadataUnderTest): number {
  const { outcomes } = gateway.snapshot();
  const rejections = OUTCOMES.flatMap((name, index) => (name.startsWith('rejected_') ? [index] : []));
  return outcomes.reduce((sum, row) => sum + rejections.reduce((of, index) => of + row[index]!, 0), 0);
}

interface Sent {
  readonly offered: number;
  /** Index of its rule by payload, which is different for each. */
  readonly customs: Map<string, number>;
  readonly finals: number;
}

/** Publishes everything there is while `on()`. */
async function publish(gateway: MetadataUnderTest, number: number, on: () => boolean): Promise<Sent> {
  const client = await gateway.open({ identity: `agent-${number}`, agent: true, json: number % 3 === 0 });
  const customs = new Map<string, number>();
  let [offered, finals] = [0, 0];
  for (let round = 0; on(); round++) {
    const frames: Frame[] = [];
    for (let index = 0; index < 6; index++) {
      const rule = (number * 31 + round * 6 + index) % RULES;
      const name = `${number}.${round}.${index}`;
      // Types that end in a dot are those that only a pattern can meet.
      const type = rule % 2 === 0 ? `t${rule}` : `t${rule}.`;
      customs.set(name, rule);
      frames.push({ ...custom(type), custom: { type, payload: Buffer.from(name) } });
    }
    frames.push(
      presence(`k${round % 5}`, `${round}`),
      interim(`talk-${number}`, round >> 3, round & 7, `words ${round}`),
    );
    if ((round & 7) === 7) {
      frames.push(final(`talk-${number}`, round >> 3, `all words ${round}`));
      finals++;
    }
    client.send(batchOf(frames));
    offered += frames.length;
    await sleep(5);
  }
  await client.settled();
  return { offered, customs, finals };
}

t.test('POLICY-23 fifty reloads of two hundred rules under load lose, invent and misclassify nothing', async (t) => {
  const limits = { roomLogBytes: 64_000_000, unackedBytes: 4_000_000 };
  const gateway = await metadataUnderTest(t, { policy: POLICIES[0], limits });
  const listener = await gateway.open({ identity: 'listener' });
  let on = true;
  const publishing = Array.from({ length: PUBLISHERS }, (_, number) => publish(gateway, number, () => on));
  for (let reload = 1; reload <= RELOADS; reload++) {
    await sleep(10);
    for (const plane of gateway.planes) plane.adopt(CHECKED[reload % 2]!);
  }
  on = false;
  const sent = await Promise.all(publishing);
  await until(() => gateway.snapshot().queued.every((count) => count === 0), 'everything to leave');
  // What leaves last has everything else before it.
  let ends = 0;
  await until(() => {
    listener.send(presence('end', 'end'));
    ends++;
    return listener.of('presence').some(({ presence }) => presence?.key === 'end');
  }, 'the last frame');
  await listener.settled();

  const customs = new Map(sent.flatMap((each) => [...each.customs]));
  const received = listener.of('custom');
  const names = new Set(received.map((frame) => Buffer.from(frame.custom!.payload!).toString()));
  t.equal(names.size, received.length, 'none twice');
  const missing = customs.size - names.size;
  const refused = rejected(gateway);
  t.ok(
    missing <= refused,
    `of ${customs.size} custom frames ${missing} missing, ${refused} frames refused and told so`,
  );
  const seen = { 1: 0, 2: 0 };
  for (const frame of received) {
    const rule = customs.get(Buffer.from(frame.custom!.payload!).toString())!;
    const given = [classOf(1, rule), classOf(2, rule)];
    if (frame.class === given[0] && frame.class !== given[1]) seen[1]++;
    if (frame.class === given[1] && frame.class !== given[0]) seen[2]++;
    if (!given.includes(frame.class ?? '')) t.fail(`rule ${rule}: ${frame.class}, expected ${given.join(' or ')}`);
  }
  t.ok(seen[1] > 0 && seen[2] > 0, `by the first policy ${seen[1]}, by the second ${seen[2]}`);
  const finals = sent.reduce((sum, each) => sum + each.finals, 0);
  t.equal(listener.of('caption').filter((frame) => frame.final).length, finals, `each of ${finals} finals once`);
  for (const frame of listener.of('presence'))
    if (!['standard', 'spare'].includes(frame.class ?? '')) t.fail(`presence as ${frame.class}`);

  gateway.conserved();
  const { classes, offered, outcomes, policyVersion } = gateway.snapshot();
  t.equal(policyVersion, 1, 'the last of an even number');
  const carried = classes.flatMap((name, index) => (/^call-/.test(name) ? [] : [offered[index]!]));
  const total = sent.reduce((sum, each) => sum + each.offered, 0) + ends;
  const counted = carried.reduce((sum, count) => sum + count, 0);
  t.equal(counted, total, 'every frame is counted, in some class');
  t.equal(
    outcomes.at(-1)!.reduce((sum, count) => sum + count, 0),
    0,
    'and none without one',
  );
  t.ok(offered[classes.indexOf('spare')]! > 0);
});

t.test('POLICY-23 what was used up stays used up, and what is new is granted', async (t) => {
  const tight = SMALL.replace('custom]}', 'custom], limits: {session: {rate: 0.01, burst: 30}}}').split('rules:')[0]!;
  const gateway = await metadataUnderTest(t, { policy: tight });
  const ann = await gateway.open({ identity: 'ann' });
  for (let index = 0; index < 30; index++) ann.send(custom('a'));
  await ann.settled();
  t.equal(gateway.outcome('standard', 'rejected_session'), 0);
  const other = tight.replace('version: 1', 'version: 2').replace('  deferred: ', '  later: ');
  gateway.planes[0]!.adopt({ file: 'test', text: other });
  for (let index = 0; index < 10; index++) ann.send(custom('a'));
  await until(() => gateway.outcome('standard', 'rejected_session') === 10, 'no new burst with a new policy');
  const granted = () => ann.frames.some(({ kind, credit }) => kind === Kind.credit && credit?.class === 'later');
  await ann.until(granted);
  gateway.conserved();
});

t.test(
  'POLICY-22 a publisher whose kind has moved to another class goes on publishing by the credit it knows',
  async (t) => {
    const gateway = await metadataUnderTest(t, { policy: SMALL });
    const ann = await gateway.open({ identity: 'ann' });
    const moved = SMALL.replace('version: 1', 'version: 2')
      .replace('[presence, gauge', '[gauge')
      .replace('kinds:\n', '  side: {plane: metadata, weight: 1, match: [presence]}\nkinds:\n');
    gateway.planes[0]!.adopt({ file: 'test', text: moved });
    const told = (name: string) => () =>
      ann.frames.some(({ kind, credit }) => kind === Kind.credit && credit?.class === name && credit.frames! >= 20);
    await ann.until(told('standard'));
    await ann.until(told('side'));
    ann.send(presence('k', 'v'));
    await ann.settled();
    await until(() => gateway.snapshot().offered[gateway.snapshot().classes.indexOf('side')] === 1, 'its new class');
  },
);

t.test('POLICY-21 a policy that is not valid is refused as a whole', async (t) => {
  const gateway = await metadataUnderTest(t, { policy: SMALL });
  const bad = SMALL.replace('version: 1', 'version: 2').replace('weight: 8', 'weight: 0');
  t.throws(() => gateway.planes[0]!.adopt({ file: 'test', text: bad }), /test:7:5: classes\.premium\.weight/);
  t.equal(gateway.snapshot().policyVersion, 1);
});
