/** What agents' turns cost, and what becomes of one whose budget is used up. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { Kind } from '../../../schemas/kinds.ts';
import type { Frame } from '../../../schemas/proto.ts';
import { metadataUnderTest, until } from '../fixtures/metadata-under-test.ts';

const SMALL = readFileSync(new URL('../../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');
const Phase = { started: 0, delta: 1, done: 2, failed: 4 } as const;
const TOKENS = 'modelTokens: {tenant: {rate: 20000, burst: 100000}}';

/** The policy of the tests with other budgets of the class of turns. */
const policyWith = (budgets: string, prices = '') => SMALL.replace(TOKENS, budgets) + prices;

const turn = (name: string, phase: number, offset: number, modelTokens: number, more: object = {}): Frame => ({
  kind: Kind.agentTurn,
  agentTurn: { turn: name, phase, offset, text: phase === Phase.started ? '' : 'word ', modelTokens, ...more },
});

for (const json of [false, true]) {
  t.test(
    `ADMIT-14 a turn that uses its budget up is ended, and everybody is told (${json ? 'JSON' : 'binary'})`,
    async (t) => {
      const gateway = await metadataUnderTest(t, {
        policy: policyWith('modelTokens: {tenant: {rate: 1, burst: 1000}}'),
      });
      const ann = await gateway.open({ identity: 'ann' });
      const agent = await gateway.open({ identity: 'agent', agent: true, json });
      agent.send(turn('t1', Phase.started, 0, 0));
      for (let delta = 0; delta < 5; delta++) agent.send(turn('t1', Phase.delta, 5 * delta, 400));
      const { error } = await agent.seen('error');
      t.match(error, { code: 429, reason: 'budget_exhausted', message: /^turn t1 was ended: this tenant has used up/ });
      t.ok(
        (error?.retryAfterMs ?? 0) > 190_000 && error!.retryAfterMs! <= 200_000,
        `${error?.retryAfterMs} ms for 200 of debt`,
      );
      await ann.until(() => ann.of('agentTurn').some(({ agentTurn }) => agentTurn?.phase === Phase.failed));
      const text = ann
        .of('agentTurn')
        .map(({ agentTurn }) => agentTurn?.text ?? '')
        .join('');
      t.equal(text, 'word word word ', 'three deltas were taken: the third ran into debt');
      await until(() => gateway.outcome('premium', 'rejected_tenant') === 2, 'the other two');

      const other = await gateway.open({ identity: 'other', agent: true });
      other.send(turn('t2', Phase.started, 0, 0));
      t.match(
        (await other.seen('error')).error,
        { reason: 'budget_exhausted', message: /^turn t2 is not taken/ },
        'the tenant’s budget',
      );
      other.send({ kind: Kind.toolCall, toolCall: { messageId: 'm', call: 'c', turn: 't2' } });
      t.ok(await ann.count('toolCall', 1), 'what costs nothing passes');
      gateway.conserved();
    },
  );
}

t.test('ADMIT-14 the end of a turn is taken, though its budget is used up', async (t) => {
  const gateway = await metadataUnderTest(t, { policy: policyWith('modelTokens: {session: {rate: 1, burst: 100}}') });
  const ann = await gateway.open({ identity: 'ann' });
  const agent = await gateway.open({ identity: 'agent', agent: true });
  agent.send(turn('t1', Phase.delta, 0, 150));
  agent.send(turn('t1', Phase.done, 5, 10));
  await ann.until(() => ann.of('agentTurn').some(({ agentTurn }) => agentTurn?.phase === Phase.done));
  t.equal(agent.frames.filter(({ kind }) => kind === Kind.error).length, 0);
  agent.send(turn('t9', Phase.done, 0, 10));
  t.match(
    (await agent.seen('error')).error,
    { reason: 'budget_exhausted', message: /^turn t9 is not taken/ },
    'in one piece',
  );
  const second = await gateway.open({ identity: 'second', agent: true });
  second.send(turn('t2', Phase.delta, 0, 50));
  second.send(turn('t2', Phase.done, 5, 0));
  await ann.until(() => ann.of('agentTurn').filter(({ agentTurn }) => agentTurn?.phase === Phase.done).length === 2);
  t.pass('another session has its own');
  gateway.conserved();
});

t.test('ADMIT-14 money is charged by the model’s price; an unknown model costs as the dearest', async (t) => {
  const prices =
    'prices: {currency: EUR, models: {small: {perMillionModelTokens: 1000}, large: {perMillionModelTokens: 100000}}}\n';
  const gateway = await metadataUnderTest(t, {
    policy: policyWith('spend: {session: {rate: 0.001, burst: 10}}', prices),
  });
  const ann = await gateway.open({ identity: 'ann' });
  // 10 EUR are 10 000 model tokens of the small model, or 100 of the large one.
  const spend = async (identity: string, model: object, fragments: number, each: number) => {
    const agent = await gateway.open({ identity, agent: true });
    for (let index = 0; index < fragments; index++) agent.send(turn(identity, Phase.delta, 5 * index, each, model));
    await agent.settled();
    return agent.frames.filter(({ error }) => error?.reason === 'budget_exhausted').length;
  };
  t.equal(await spend('thrifty', { model: 'small' }, 4, 3000), 0, 'nine of ten, then the fourth runs into debt');
  t.equal(await spend('lavish', { model: 'large' }, 4, 60), 1, 'after the second');
  t.equal(await spend('unknown', { model: 'huge' }, 4, 60), 1);
  t.equal(await spend('silent', {}, 4, 60), 1);
  await ann.until(() => ann.of('agentTurn').filter(({ agentTurn }) => agentTurn?.phase === Phase.failed).length === 3);
  gateway.conserved();
});

t.test('ADMIT-14 a node is told of the turn that was ended', async (t) => {
  const gateway = await metadataUnderTest(t, { policy: policyWith('modelTokens: {tenant: {rate: 1, burst: 100}}') });
  const ann = await gateway.open({ identity: 'ann' });
  const node = gateway.node({ nodeId: 'llm-1', role: 1 });
  await until(() => node.downs.some(({ credit }) => credit), 'credit');
  node.publish(
    [0, 1, 2].map((delta) => ({ ...turn('t1', Phase.delta, 5 * delta, 200), tenant: 'acme', room: 'room' })),
  );
  await until(
    () => node.downs.some(({ throttled }) => /^budget_exhausted: turn t1 was ended/.test(throttled?.message ?? '')),
    'told',
  );
  await ann.until(() => ann.of('agentTurn').some(({ agentTurn }) => agentTurn?.phase === Phase.failed));
  t.equal(gateway.outcome('premium', 'rejected_tenant'), 2);
  gateway.conserved();
});

t.test('LADDER-25 a worker tells what turns cost a second at the prices there are, limits or not', async (t) => {
  const prices = '\nprices: {currency: EUR, models: {dear: {perMillionModelTokens: 1000000}}}\n';
  const gateway = await metadataUnderTest(t, { policy: SMALL.replace(TOKENS, '') + prices });
  const ann = await gateway.open({ identity: 'ann' });
  const agent = await gateway.open({ identity: 'agent', agent: true });
  const spending = () => gateway.planes[0]!.ladder!.load().spendPerSecond ?? 0;
  t.equal(spending(), 0);
  agent.send(turn('t1', Phase.delta, 0, 50, { model: 'dear' }));
  await ann.count('agentTurn', 1);
  t.ok(spending() > 0);
  gateway.conserved();
});
