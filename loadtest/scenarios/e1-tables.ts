/** The tables of e1: setup latencies beside their bounds, the floods from both ends, and the control arm. */

import { median } from '../report/median.ts';
import { formatTable, shortCount } from '../report/table.ts';
import type { ArmReports, E1Results } from './e1-results.ts';
import type { StretchReport } from './e1-stretch.ts';
import { percent, type Stretch } from './e1-verdict.ts';

/** All tables, ready to print. */
export function e1Tables(results: E1Results): string {
  return [
    setupTable(results),
    floodTable(results),
    waitTable(results),
    stallTable(results),
    controlLines(results),
  ].join('\n\n');
}

function setupTable({ arms, verdict, classless }: E1Results): string {
  const head = ['call setup, ms', 'setups', 'failed', 'idle p50', 'p50', 'idle p99', 'p99', 'bound'];
  const more = ['idle p99.9', 'p99.9', 'bound', 'cold idle p99', 'cold p99'];
  const rows = verdict.arms.map((arm, index) => {
    const { idle, flooded } = arms[index]!;
    const warm = (of: typeof idle) => fixed(median(of.map((stretch) => stretch.warm.p50)));
    const cold = (of: typeof idle) => fixed(median(of.map((stretch) => stretch.cold.p99)));
    const { setups, failed, idleP99, p99, p99Bound, idleP999, p999, p999Bound } = arm;
    const left = [arm.name, String(setups), String(failed), warm(idle), warm(flooded)];
    const right = [fixed(idleP99), fixed(p99), fixed(p99Bound), fixed(idleP999), fixed(p999), fixed(p999Bound)];
    return [...left, ...right, cold(idle), cold(flooded)];
  });
  const blank = (name: string, stretches: readonly Stretch[]) => [
    name,
    String(sum(stretches.map(({ setups }) => setups))),
    String(sum(stretches.map(({ failed }) => failed))),
    ...Array.from({ length: head.length + more.length - 3 }, () => '–'),
  ];
  rows.push(blank('classless, idle', classless.idle), blank('classless, rude', classless.rude));
  return `${formatTable([...head, ...more], rows)}\nMedians over the rounds. Setups go over open connections; cold ones open their own.`;
}

function floodTable({ arms, capacity }: E1Results): string {
  const head = ['flood, per second', 'intended', 'written', 'offered', 'admitted', 'refused', '× capacity'];
  const more = ['connections', 'handshakes refused', 'cut or closed'];
  const rows = arms.map(({ arm, seen }) => {
    const middle = (of: (one: ArmReports['seen'][number]) => number) => median(seen.map(of));
    const perSecond = (of: (one: ArmReports['seen'][number]) => number) =>
      shortCount(middle((one) => (1000 * of(one)) / one.flood.elapsedMs));
    const offered = middle((one) => one.offeredRate);
    const intended = arm.multiple === null ? 'all it can' : shortCount(arm.multiple * capacity.ratePerSecond);
    return [
      arm.name,
      intended,
      shortCount(middle((one) => one.writtenRate)),
      shortCount(offered),
      shortCount(middle((one) => one.admittedRate)),
      shortCount(middle((one) => one.refusedRate)),
      (offered / capacity.ratePerSecond).toFixed(2),
      perSecond((one) => one.flood.connections),
      perSecond((one) => sum(Object.values(one.flood.refused))),
      perSecond((one) => sum(Object.values(one.flood.closes))),
    ];
  });
  const note =
    'Written: in whole buffers of 64 KB that the kernel of the flooders took. Offered, admitted, refused: as the gateway counted, setups included.';
  return `${formatTable([...head, ...more], rows)}\n${note}`;
}

function waitTable({ arms, classless }: E1Results): string {
  const paths = ['callers', 'gateway', 'stub'] as const;
  const head = ['waiting for a CPU, ms per s', ...paths.flatMap((name) => [`${name} idle`, name])];
  const row = (name: string, idle: readonly StretchReport[], flooded: readonly StretchReport[]) => [
    name,
    ...paths.flatMap((path) => [idle, flooded].map((of) => median(of.map(({ cpuWait }) => cpuWait[path])).toFixed(1))),
  ];
  const rows = arms.map(({ arm, idle, flooded }) => row(arm.name, idle, flooded));
  rows.push(row('classless, rude', classless.idle, classless.rude));
  return `${formatTable(head, rows)}\nThe share of the latency that is the machine's: main threads that were ready to run and were not run.`;
}

function stallTable({ arms }: E1Results): string {
  const longest = (of: readonly StretchReport[]) =>
    of.map(({ stalls }) => (stalls ? stalls.longestMs.toFixed(0) : '–')).join(' ');
  const rows = arms.map(({ arm, idle, flooded }) => [arm.name, longest(idle), longest(flooded)]);
  const note =
    'The longest of each stretch: a process of its own per CPU, before all others there, could not run for so long.';
  return `${formatTable(['the machine stood still, ms', 'idle stretches', 'flooded stretches'], rows)}\n${note}`;
}

function controlLines({ classless, verdict, residual, capacity }: E1Results): string {
  const share = verdict.classlessFailedShare;
  return [
    `capacity ${shortCount(capacity.ratePerSecond)} captions/s${capacity.bounded ? '' : ' or more'}`,
    `conservation residual ${residual}`,
    `control arm (${classless.setting}): ${share === null ? 'not run' : percent(share)} of setups failed under rude`,
  ].join('\n');
}

function fixed(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : '–';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
