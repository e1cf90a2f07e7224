import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { proto } from '../../schemas/proto.ts';
import { HeardTurns } from './heard-turns.ts';

const { Phase } = proto.AgentTurn;
const part = (turn: string, phase: number, offset: number, text: string) => ({
  kind: Kind.agentTurn,
  agentTurn: { turn, phase, offset, text },
});

t.test('LOAD-40 a turn is heard when all of it has come, and in time when that is soon after it was asked for', (t) => {
  const turns = new HeardTurns('It depends.');
  for (const turn of ['a-whole', 'a-late', 'a-gap', 'a-cut', 'a-never', 'b-once']) turns.ask(turn, 100);
  turns.take(part('a-whole', Phase.started, 0, 'It de'), 150);
  turns.take(part('a-whole', Phase.done, 5, 'pends.'), 200);
  turns.take(part('a-late', Phase.done, 0, 'It depends.'), 201);
  turns.take(part('a-gap', Phase.started, 0, 'It'), 150);
  turns.take(part('a-gap', Phase.done, 5, 'pends.'), 150);
  turns.take(part('a-cut', Phase.failed, 0, 'It depends.'), 150);
  turns.take(part('b-once', Phase.done, 0, 'It depends.'), 150);
  turns.take(part('b-once', Phase.done, 0, 'It depends.'), 999);
  turns.take(part('unasked', Phase.done, 0, 'It depends.'), 150);
  turns.take({ kind: Kind.gauge }, 150);
  t.strictSame(turns.heard('a-', 100), { due: 5, heard: 1 });
  t.strictSame(turns.heard('a-', 101), { due: 5, heard: 2 });
  t.strictSame(turns.heard('b-', 50), { due: 1, heard: 1 });
  t.equal(turns.asked, 6);
  turns.clear();
  t.strictSame(turns.heard('', 1e9), { due: 0, heard: 0 });
  t.end();
});
