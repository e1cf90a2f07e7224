/** That an agent which goes on beginning turns while they are capped loses all of them and is cut, where others are heard. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { type Frame, proto } from '../../schemas/proto.ts';
import { batchOf } from './fixtures/frames.ts';
import { metadataUnderTest } from './fixtures/metadata-under-test.ts';

const { Phase } = proto.AgentTurn;
const CAPPED = 4;
const ROOMY = readFileSync(new URL('../../classes/default-policy.yaml', import.meta.url), 'utf8').replace(
  'session: {rate: 50, burst: 100}',
  'session: {rate: 5000, burst: 5000}',
);

const turn = (name: string, phase: number, offset: number, text: string): Frame => ({
  kind: Kind.agentTurn,
  agentTurn: { turn: name, phase, offset, text },
});

t.test(
  'LADDER-26 who goes on beginning turns loses the one under way too, and is cut; who heeds does not',
  async (t) => {
    const gateway = await metadataUnderTest(t, { policy: ROOMY });
    const ann = await gateway.open({ identity: 'ann' });
    const heeding = await gateway.open({ identity: 'heeding', agent: true });
    const deaf = await gateway.open({ identity: 'deaf', agent: true });
    const climb = (level: number) => gateway.planes[0]!.ladder!.climb(level);
    const says = (name: string) =>
      ann
        .of('agentTurn')
        .flatMap(({ agentTurn }) => (agentTurn!.turn === name ? [agentTurn!.text ?? ''] : []))
        .join('');
    climb(CAPPED);
    deaf.send(turn('own', Phase.started, 0, 'be'));
    await ann.until(() => says('own') === 'be');
    for (let count = 0; count < 11; count++) deaf.send(turn(`more-${count}`, Phase.started, 0, 'no'));
    deaf.send(turn('own', Phase.delta, 2, 'fore'));
    await deaf.until(() => deaf.frames.some(({ throttled }) => (throttled?.retryAfterMs ?? 0) > 500));
    heeding.send(batchOf([turn('mine', Phase.started, 0, 'well, '), turn('mine', Phase.done, 6, 'yes')]));
    await ann.until(() => says('mine') === 'well, yes');
    t.equal(says('own'), 'be', 'it rests from the turn under way as well');
    t.equal(gateway.outcome('premium', 'evicted_ladder'), 12);
    const sixty = batchOf(Array.from({ length: 60 }, (_, index) => turn(`flood-${index}`, Phase.started, 0, 'no')));
    for (let count = 0; count < 5; count++) deaf.send(sixty);
    t.equal((await deaf.closed).code, 1006);
    t.equal(gateway.snapshot().disconnects['4129'], 1);
    climb(0);
    heeding.send(turn('still', Phase.done, 0, 'here'));
    await ann.until(() => says('still') === 'here');
    gateway.conserved();
  },
);
