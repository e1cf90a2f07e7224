/** `sluice policy slo`: what classes and tiers are promised, and how a running gateway kept it in the last minute. */
import type { Command } from 'commander';
import type { SloPromise, SloRow } from '../operator/slo-report.ts';
import type { SloAnswer } from '../operator/slo-routes.ts';
import { CommandFailure } from './command-failure.ts';
import { addOperatorOptions, askOperator, type OperatorOptions } from './operator-client.ts';

interface SloOptions extends OperatorOptions {
  readonly check?: boolean;
}

const HELP = `
Times are in ms, measured over promised. A class or tier without sloMs in the policy is told without a verdict, and so is
one of which too little was seen: a p50 takes 20 samples, a p99 100, a p999 1000.

Exit codes: 0; with --check, 1 where a promise is not kept; 1, the gateway cannot be asked; 2, wrong usage.`;

const HEADER = ['', '', 'plane', 'samples', 'p50', 'p99', 'p99.9', 'kept'];
const VERDICTS = new Map([
  [true, 'yes'],
  [false, 'NO'],
  [null, 'cannot say'],
]);

/** Adds `slo` to `sluice policy`. */
export function addSloCommand(policy: Command): void {
  addOperatorOptions(policy.command('slo'))
    .description('what classes and tiers are promised (sloMs), and what was measured in the last minute')
    .option('--check', 'exit code 1 where a promise is not kept')
    .addHelpText('after', HELP)
    .action(slo);
}

async function slo(options: SloOptions): Promise<void> {
  const { policyVersion, overMs, rows } = await askOperator<SloAnswer>(options, { method: 'GET', path: '/v1/slo' });
  process.stdout.write(`policy version ${policyVersion}, the last ${overMs / 1000} s; ms, measured / promised\n\n`);
  for (const line of tableOf([HEADER, ...rows.map(cellsOf)])) process.stdout.write(`${line}\n`);
  const broken = rows.filter(({ met }) => met === false);
  if (options.check && broken.length > 0) {
    const names = broken.map(({ scope, name, plane }) => `${scope} ${name} (${plane})`);
    throw new CommandFailure([`not kept: ${names.join(', ')}`], 1);
  }
}

function cellsOf({ scope, name, plane, promise, measured, met }: SloRow): string[] {
  const time = (quantile: keyof SloPromise): string => {
    const [found, wanted] = [measured[quantile], promise[quantile]];
    const text = found === null ? '–' : numberOf(found);
    return wanted === undefined ? text : `${text} / ${numberOf(wanted)}`;
  };
  const verdict = Object.keys(promise).length === 0 ? '' : VERDICTS.get(met)!;
  return [scope, name, plane, String(measured.count), time('p50'), time('p99'), time('p999'), verdict];
}

/** Three significant digits: buckets tell no more. */
function numberOf(ms: number): string {
  return ms >= 100 ? String(Math.round(ms)) : String(Number(ms.toPrecision(3)));
}

/** Columns as wide as their widest cell: numbers end below each other, words begin so. */
function tableOf(rows: readonly (readonly string[])[]): string[] {
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column >= 3 && column < HEADER.length - 1 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
}
