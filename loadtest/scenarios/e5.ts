/**
 * Experiment e5: whether a thousand rooms that publish a little feel one of the same class that publishes a hundred times as much,
 * and whether a tenant with a single room feels one with a thousand.
 */
import { CLASSLESS_SETTING } from '../baselines/classless-gateway.ts';
import { monotonicMs } from '../clock.ts';
import { CROWD_TENANTS, GATEWAY_DIFFERENCES, startGateway } from '../processes/gateway-process.ts';
import { pinLadder } from '../processes/pin-ladder.ts';
import { busyLine, machineLine } from '../report/machine.ts';
import { writeResults } from '../report/results-file.ts';
import { formatTable } from '../report/table.ts';
import { Mice } from '../traffic/mice.ts';
import { CLASS_RIG_DIFFERENCE, CLASS_RIG_OVERRIDES, roomyPolicy } from './class-rig.ts';
import { percent } from './e1-verdict.ts';
import { type E5Figures, type E5Round, figuresOf, judgeE5 } from './e5-verdict.ts';
import { type GatewayPart, startClasslessGateway } from './rig.ts';

export interface E5Options {
  readonly short: boolean;
  readonly mice: number;
  readonly rounds: number;
}

/** Frames per second of a mouse, and of the elephant in mice. */
const PER_SECOND = 20;
const ELEPHANT_FACTOR = 100;
/** Listeners of the elephant: so many that it asks for more than any one process can write. */
const AUDIENCE = 2000;
const SETTLE_MS = 500;
const [CROWD, SINGLE] = CROWD_TENANTS as [string, string];

type Print = (line: string) => void;

/** Runs e5, printing as it goes; resolves to whether it passed. */
export async function runE5(options: E5Options, print: Print): Promise<boolean> {
  const machine = machineLine();
  print(`e5  an elephant among ${options.mice} mice of its class   ${machine}`);
  const busy = busyLine();
  if (busy !== null) print(`    ! ${busy}`);
  print(`    gateway as delivered, but ${GATEWAY_DIFFERENCES}, ${CLASS_RIG_DIFFERENCE}`);
  print(`    mice ${PER_SECOND}/s to one listener each, elephant ${PER_SECOND * ELEPHANT_FACTOR}/s to ${AUDIENCE}`);
  let residual = Number.NaN;
  print('\nsluice');
  const ours = await startGateway(CLASS_RIG_OVERRIDES, roomyPolicy());
  const rounds = await arm(ours, options, print, async () => {
    residual = (await ours.figures()).residual;
  });
  print(`\nclassless: ${CLASSLESS_SETTING}`);
  const controlRounds = await arm(await startClasslessGateway(), options, print, async () => {});
  const [gateway, control] = [figuresOf(rounds), figuresOf(controlRounds)];
  const shortfalls = judgeE5(gateway, control, residual, { latencies: !options.short });
  print(`\n${e5Table({ sluice: gateway, classless: control })}\n`);
  const results = { machine, busy, options, gateway, control, rounds, controlRounds, residual, shortfalls };
  print(`written to ${await writeResults('e5', results)}`);
  print(shortfalls.length === 0 ? 'PASS' : `FALLS SHORT: ${shortfalls.join('; ')}`);
  return shortfalls.length === 0;
}

async function arm(
  gateway: GatewayPart,
  options: E5Options,
  print: Print,
  last: () => Promise<void>,
): Promise<E5Round[]> {
  const { target, operatorUrl } = gateway;
  const mice = new Mice({ target, mice: options.mice, audience: AUDIENCE, crowdTenant: CROWD, singleTenant: SINGLE });
  const rounds: E5Round[] = [];
  try {
    if (operatorUrl !== null) await pinLadder(operatorUrl, 0);
    await mice.open();
    await stretch(mice, 0, options);
    for (let round = 0; round < options.rounds; round++) {
      const alone = await stretch(mice, 0, options);
      const beside = await stretch(mice, ELEPHANT_FACTOR, options);
      rounds.push({ alone, beside });
      const figures = figuresOf(rounds.slice(-1));
      const ages = `mice p99 ${figures.alone.p99Ms.toFixed(1)} → ${figures.beside.p99Ms.toFixed(1)} ms`;
      const cut = beside.elephantCut ? ', elephant cut off' : '';
      const late = `load late p99 ${beside.latenessP99Ms.toFixed(0)} ms`;
      print(
        `  ${ages}, in time ${percent(figures.beside.part)}, Jain’s index ${figures.jain.toFixed(4)}${cut}; ${late}`,
      );
    }
    await last();
    return rounds;
  } finally {
    await mice.stop();
    await gateway.stop();
  }
}

function stretch(mice: Mice, elephantFactor: number, { short }: E5Options): ReturnType<Mice['publish']> {
  const startMs = monotonicMs() + 200;
  const durationMs = SETTLE_MS + (short ? 2000 : 5000);
  return mice.publish({ perSecond: PER_SECOND, elephantFactor, startMs, fromMs: startMs + SETTLE_MS, durationMs });
}

function e5Table(arms: Readonly<Record<string, E5Figures>>): string {
  const head = ['arm', 'mice p50', 'p99 alone', 'beside', 'in time', 'Jain', 'single room', 'its p99', 'elephant/s'];
  const rows = Object.entries(arms).map(([name, { alone, beside, jain, ...rest }]) => [
    name,
    `${alone.p50Ms.toFixed(1)} → ${beside.p50Ms.toFixed(1)}`,
    alone.p99Ms.toFixed(1),
    beside.p99Ms.toFixed(1),
    percent(beside.part),
    jain.toFixed(4),
    percent(rest.singlePart),
    rest.singleP99Ms.toFixed(1),
    rest.elephantPerSecond.toFixed(0),
  ]);
  return `${formatTable(head, rows)}\n(ms; medians of the rounds)`;
}
