/** `sluice node`: programs that serve a gateway: the reference SFU, a Janus, and captions. */
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { CommandFailure } from './command-failure.ts';
import { addCredentialOptions } from './credentials.ts';
import { type LiveCaptionsFlags, runLiveCaptions } from './live-captions-command.ts';

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

interface JanusFlags extends NodeFlags {
  readonly janus: string;
  readonly janusApiSecret?: string;
  readonly janusAdminKey?: string;
  readonly region?: string;
  readonly capacity: number;
}

interface CaptionsFlags extends NodeFlags, LiveCaptionsFlags {
  readonly trace?: string;
  readonly live?: boolean;
  readonly loop?: boolean;
  readonly speed: number;
}

/** Adds `node` with its subcommands to the program. */
export function addNodeCommand(program: Command): void {
  const node = program.command('node').description('run a node that serves a gateway');
  addNodeOptions(node.command('reference').description('the reference SFU: forwards audio and video, in TypeScript'))
    .option('--interface-address <ip,…>', 'the addresses media is received and sent on', ipAddresses, '127.0.0.1')
    .option('--region <name>', 'where the node is')
    .option('--capacity <sessions>', 'sessions it is willing to hold; 0: it does not say', wholeNumber, 0)
    .action(runReference);
  addNodeOptions(node.command('janus').description('a Janus server as the SFU, by its videoroom'))
    .option('--janus <url>', "Janus' WebSocket", webSocketUrl, 'ws://127.0.0.1:8188')
    .option('--janus-api-secret <secret>', "Janus' api_secret, where it has one (also SLUICE_JANUS_API_SECRET)")
    .option('--janus-admin-key <key>', "the videoroom's admin_key, where it has one (also SLUICE_JANUS_ADMIN_KEY)")
    .option('--region <name>', 'where the node is')
    .option('--capacity <sessions>', 'sessions it is willing to hold; 0: it does not say', wholeNumber, 0)
    .action(runJanus);
  const captions = node
    .command('captions')
    .description('captions, replayed or of the words spoken, as an inference node');
  addCredentialOptions(addNodeOptions(captions))
    .option('--trace <file>', 'replay this recording: one JSON object a line')
    .option('--live', "write down what is spoken in the room, by Debian's pocketsphinx")
    .option('--tenant <tenant>', 'whose room it is', 'demo')
    .option('--room <room>', 'the room to caption', 'demo')
    .option('--loop', 'begin again at the end, for ever')
    .option('--speed <factor>', '2 is twice as fast as it was spoken', factor, 1)
    .option('--signal <url>', "live: the gateway's signalling URL", webSocketUrl, 'ws://127.0.0.1:7480/v1/signal')
    .option('--token <jwt>', 'live: the access token to use; made with the API key where absent')
    .option('--interface-address <ip>', 'live: the address media is received on', ipAddress, '127.0.0.1')
    .option('--recogniser <program>', 'live: the recogniser to run', 'pocketsphinx_continuous')
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

async function runJanus(flags: JanusFlags): Promise<void> {
  const { startJanusNode } = await import('../agents/janus-node.ts');
  const node = startJanusNode({
    janus: flags.janus,
    apiSecret: flags.janusApiSecret ?? process.env.SLUICE_JANUS_API_SECRET,
    adminKey: flags.janusAdminKey ?? process.env.SLUICE_JANUS_ADMIN_KEY,
    control: flags.gatewayControl,
    metadata: flags.gatewayMetadata,
    nodeId: flags.nodeId ?? `janus-${randomBytes(3).toString('hex')}`,
    nodeToken: tokenOf(flags),
    region: flags.region,
    capacity: flags.capacity,
    log: await logOf('node janus'),
  });
  await asked();
  await node.stop();
}

async function runCaptions(flags: CaptionsFlags): Promise<void> {
  const { trace } = flags;
  if ((trace === undefined) === (flags.live !== true))
    throw new CommandFailure(['expected --trace or --live, and not both'], 2);
  if (trace === undefined) {
    const log = await logOf('node captions');
    await runLiveCaptions(flags, { nodeToken: tokenOf(flags), log, asked });
  } else await runReplay(flags, trace);
}

async function runReplay(flags: CaptionsFlags, path: string): Promise<void> {
  const { readTrace, TraceError } = await import('../agents/trace-file.ts');
  const { startCaptionsNode } = await import('../agents/captions-node.ts');
  const log = await logOf('node captions');
  const { tenant, room, speed, loop = false } = flags;
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

function webSocketUrl(text: string): string {
  if (!URL.canParse(text) || !/^wss?:/.test(text)) {
    throw new InvalidArgumentError('expected a WebSocket URL, as ws://127.0.0.1:8188');
  }
  return text;
}

function ipAddress(text: string): string {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text) && !/^[0-9a-f:]*:[0-9a-f:.]*$/i.test(text)) {
    throw new InvalidArgumentError('expected an IP address, as 127.0.0.1');
  }
  return text;
}

function ipAddresses(text: string): string {
  return text.split(',').map(ipAddress).join(',');
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
