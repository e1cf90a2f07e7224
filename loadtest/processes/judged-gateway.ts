/**
 * The gateway under test with a law of overload of one's choice, and what its metadata worker saw of its queue in each
 * window. The one setting that differs is the law; the gateway's own is started in the same way.
 */
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GatewayUnderTest, startGateway } from './gateway-process.ts';

const SERVE_JUDGED = fileURLToPath(new URL('../../gateway/metadata/fixtures/serve-judged.ts', import.meta.url));

/** The gateway's own law, and others; `none` refuses nothing. */
export type LawName = 'cursor' | 'dagor' | 'codel' | 'none';

/** A window of 50 ms as the worker saw it: `delayMs` is what its law was told. */
export interface LawWindow {
  /** Its end, ms of the machine's clock. */
  readonly atMs: number;
  readonly delayMs: number;
  readonly served: number;
  readonly admitted: number;
  readonly offered: number;
}

export interface JudgedGateway extends GatewayUnderTest {
  /** All windows so far, but for the last few. */
  windows(): Promise<readonly LawWindow[]>;
}

let started = 0;

/** Starts it. `policy`: the text of one; `overrides` go over the configuration. */
export async function startJudgedGateway(
  law: LawName,
  policy: string,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<JudgedGateway> {
  const record = join(tmpdir(), `sluice-law-${process.pid}-${started++}.jsonl`);
  const gateway = await startGateway(overrides, policy, [SERVE_JUDGED, law, record]);
  const windows = async () => {
    const lines = (await readFile(record, 'utf8')).split('\n');
    // The last is not whole yet.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as LawWindow);
  };
  const stop = async () => {
    await gateway.stop();
    await rm(record, { force: true });
  };
  return { ...gateway, report: gateway.report, planes: gateway.planes, windows, stop };
}
