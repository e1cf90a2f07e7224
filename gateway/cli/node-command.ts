/** `sluice node`: programs that serve a gateway: the reference SFU, and captions replayed from a recording. */
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { CommandFailure } from './command-failure.ts';

interface NodeFlags {
  readonly gatewayControl: string;
  readonly gatewayMetadata: string;
  readonly nodeId?: string;
  readonly nodeToken?: string;
}

interface ReferenceFlags extends NodeFlags {
  readonly interfaceAddress: string;
  readonly region?: string;
  readonly capacity: number;
}

interface CaptionsFlags extends NodeFlags {
  readonly trace: string;
  readonly tenant: string;
  readonly room: string;
  readonly loop?: boolean;
  readonly speed: number;
}

/** Adds `node` with its subcommands to the program. */
export function addNodeCommand(program: Command): void {
  const node = program.command('node').description('run a node that serves a gateway');
  addNodeOptions(node.command('reference').description('the reference SFU: forwards audio and video, in TypeScript'))
    .option('--interface-address <ip>', 'the address media is received and sent on', ipAddress, '127.0.0.1')
    .option('--region <name>', 'where the node is')
    .option('--capacity <sessions>', 'sessions it is willing to hold; 0: it does not say', wholeNumber, 0)
    .action(runReference);
  addNodeOptions(node.command('captions').description('captions replayed from a recorded trace, as an inference node'))
    .requiredOption('--trace <file>', 'the recording: one JSON object a line')
    .option('--tenant <tenant>', 'whose room it is', 'demo')
    .option('--room <room>', 'the room to caption', 'demo')
    .option('--loop', 'begin again at the end, for ever')
    .option('--speed <factor>', '2 is twice as fast as it was spoken', factor, 1)
    .action(runCaptions);
}

function addNodeOptions(command: Command): Command {
  return command
    .option('--gateway-control <host:port>', "the gateway's NodeControl", hostPort, '127.0.0.1:7482')
    .option('--gateway-metadata <host:port>', "the gateway's NodeMetadata", hostPort, '127.0.0.1:7483')
    .option('--node-id <id>', 'who the node is; made up where absent')
    .option('--node-token <token>', 'the bearer token of nodes (also SLUICE_NODE_TOKEN)');
}

async function runReference(flags: ReferenceFlags): Promise<void> {
  const { startReferenceNode } = await import('../agents/reference-node.ts');
  const log = await logOf('node reference');
  // werift works in the background: what fails there is one session's affair and must not end the others'.
  process.on('unhandledRejection', (reason) => log(`in the background: ${reason}`));
  const node = startReferenceNode({
    control: flags.gatewayControl,
    metadata: flags.gatewayMetadata,
    nodeId: flags.nodeId ?? `reference-${randomBytes(3).toString('hex')}`,
    nodeToken: tokenOf(flags),
    region: flags.region,
    capacity: flags.capacity,
    interfaceAddress: flags.interfaceAddress,
    log,
  });
  await asked();
  await node.stop();
}

async function runCaptions(flags: CaptionsFlags): Promise<void> {
  const { readTrace, TraceError } = await import('../agents/trace-file.ts');
  const { startCaptionsNode } = await import('../agents/captions-node.ts');
  const log = await logOf('node captions');
  const { trace: path, tenant, room, speed, loop = false } = flags;
  try {
    const node = startCaptionsNode({
      trace: readTrace(path),
      tenant,
      room,
      loop,
      speed,
      // Speech has fewer segments than seconds, so these are above those of any earlier run.
      firstSegment: Math.floor(Date.now() / 1000),
      control: flags.gatewayControl,
      metadata: flags.gatewayMetadata,
      nodeId: flags.nodeId ?? `captions-${basename(path).replace(/\.\w+$/, '')}-${room}`,
      nodeToken: tokenOf(flags),
      log,
    });
    await Promise.race([node.done, asked()]);
    const { interims, finals, conflated, dropped, unaccepted } = node.counts;
    node.stop();
    const counts = `${interims} interims (${conflated} conflated, ${dropped} dropped), ${finals} finals`;
    process.stdout.write(`replayed ${basename(path)} into ${tenant}/${room}: ${counts}\n`);
    if (unaccepted > 0) throw new CommandFailure([`${unaccepted} finals were not accepted by the gateway`], 1);
  } catch (error) {
    if (error instanceof TraceError) throw new CommandFailure([error.message], 1);
    throw error;
  }
}

/** Resolves when the user or the system asks the program to end. */
function asked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

async function logOf(part: string): Promise<(line: string) => void> {
  const { openLog } = await import('../telemetry/log.ts');
  const log = openLog(part, 'info');
  return (line) => log.info(line);
}

function tokenOf(flags: NodeFlags): string | undefined {
  return flags.nodeToken ?? process.env.SLUICE_NODE_TOKEN;
}

function hostPort(text: string): string {
  const match = /^(?:\[[0-9a-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[1]);
  if (!match || port < 1 || port > 65_535) throw new InvalidArgumentError('expected host:port, as 127.0.0.1:7482');
  return text;
}

function ipAddress(text: string): string {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text) && !/^[0-9a-f:]*:[0-9a-f:.]*$/i.test(text)) {
    throw new InvalidArgumentError('expected an IP address, as 127.0.0.1');
  }
  return text;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 0');
  return Number(text);
}

function factor(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1000)) throw new InvalidArgumentError('expected a number above 0 and at most 1000');
  return value;
}
