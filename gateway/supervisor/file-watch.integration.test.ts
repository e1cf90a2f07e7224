import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { watchFile } from './file-watch.ts';

function watched(): { readonly folder: string; readonly file: string; readonly changes: () => number } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-watch-'));
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, 'one');
  let changes = 0;
  const end = watchFile(file, () => {
    changes++;
  });
  t.teardown(() => {
    end();
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, file, changes: () => changes };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 2000) throw new Error(`never: ${what}`);
    await sleep(10);
  }
}

t.test('POLICY-33 what goes on beside the file is not told, and does not keep a change from being told', async (t) => {
  const { folder, file, changes } = watched();
  let busy = true;
  const noise = (async () => {
    for (let turn = 0; busy; turn++) {
      appendFileSync(join(folder, 'a.log'), `${turn}\n`);
      await sleep(10);
    }
  })();
  await sleep(400);
  t.equal(changes(), 0);
  writeFileSync(file, 'two');
  await until(() => changes() === 1, 'the change');
  writeFileSync(join(folder, 'beside'), 'three');
  renameSync(join(folder, 'beside'), file);
  await until(() => changes() === 2, 'the replacement');
  busy = false;
  await noise;
  await sleep(400);
  t.equal(changes(), 2);
});

t.test('POLICY-33 a file that is still being written is told of when it is whole', async (t) => {
  const { file, changes } = watched();
  for (let part = 0; part < 20; part++) {
    appendFileSync(file, `part ${part}\n`);
    await sleep(20);
  }
  await until(() => changes() > 0, 'the change');
  await sleep(400);
  t.ok(changes() < 10, `${changes()} for twenty writes`);
});

t.test('POLICY-33 a file that goes away and comes back is told of twice', async () => {
  const { file, changes } = watched();
  rmSync(file);
  await until(() => changes() === 1, 'it is gone');
  writeFileSync(file, 'again');
  await until(() => changes() === 2, 'it is back');
});
