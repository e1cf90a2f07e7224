/** The experiment's command line, as far as it can be shown without running an experiment. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const run = (script: string, ...args: string[]) => {
  const file = fileURLToPath(new URL(script, import.meta.url));
  return spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' });
};

t.test('LOAD-13 an arm or a benchmark that does not exist is named with those that do', async (t) => {
  const arm = run('./experiment.ts', 'e1', '--arm', 'polite');
  t.equal(arm.status, 2);
  t.match(arm.stderr, /no arm is called polite; there are cooperative, .*handshakes/);
  const bench = run('./bench.ts', 'speed');
  t.equal(bench.status, 2);
  t.match(bench.stderr, /no benchmark is called speed; there are .*ingest/);
});

t.test('LOAD-13 a number that is none is refused', async (t) => {
  const { status, stderr } = run('./experiment.ts', 'e1', '--rounds', 'many');
  t.equal(status, 2);
  t.match(stderr, /expected a whole number above 0/);
  const bench = run('./bench.ts', 'reload', '--seconds', '0');
  t.equal(bench.status, 2);
  t.match(bench.stderr, /--seconds: expected a whole number from 1 to 9999, found 0/);
});
