/** Results as JSON, for those who draw and compare them. The folder is not kept under version control. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../results', import.meta.url));

/** Writes `results/<name>.json`; resolves to its path relative to the project. */
export async function writeResults(name: string, results: unknown): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`);
  return `results/${name}.json`;
}
