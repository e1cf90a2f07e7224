/**
 * The gRPC server of NodeControl: checks who attaches, waits for the hello, and hands the stream to the pool.
 *
 * Invariants: the first event is the hello and comes within `HELLO_MS`; anything a node sends that does not decode
 * ends its own stream only; commands respect the stream's back-pressure.
 */
import { Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { NodeCommand, NodeEvent } from '../../schemas/proto.ts';
import { nodeControlService } from '../../schemas/services.ts';
import { bindServer } from './bind-server.ts';
import { nodeRefusal } from './node-auth.ts';
import { NodeCommands } from './node-commands.ts';
import type { AttachedNode, NodePool } from './node-pool.ts';
import { StreamWriter } from './stream-writer.ts';

type ControlStream = ServerDuplexStream<NodeEvent, NodeCommand>;

const HELLO_MS = 5000;
const MAX_QUEUED_COMMANDS = 8192;
const MAX_MESSAGE_BYTES = 1_048_576;

export interface NodeControlOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Empty: nodes on this machine need none, others are refused. */
  readonly nodeTokens: readonly string[];
  /** How long a command may take, ms. */
  readonly deadlineMs: number;
  readonly gatewayId: string;
  /** NodeMetadata addresses, worker 0 first. */
  readonly workers: readonly string[];
}

export interface NodeControlServer {
  readonly port: number;
  stop(): void;
}

/** Starts listening for nodes. Rejects with one clear line when the port cannot be had. */
export async function startNodeControl(options: NodeControlOptions, pool: NodePool): Promise<NodeControlServer> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5000,
  });
  server.addService(nodeControlService, {
    attach: (stream: ControlStream) => attach(stream, options, pool),
  });
  const port = await bindServer(server, 'NodeControl', options.host, options.port);
  return { port, stop: () => server.forceShutdown() };
}

function attach(stream: ControlStream, options: NodeControlOptions, pool: NodePool): void {
  const authorization = stream.metadata.get('authorization')[0]?.toString();
  const refusal = nodeRefusal(authorization, stream.getPeer(), options.nodeTokens);
  if (refusal !== null) {
    stream.on('error', ignore);
    refuse(stream, status.UNAUTHENTICATED, refusal);
    return;
  }
  let node: AttachedNode | null = null;
  let over = false;
  const patience = setTimeout(() => end(status.DEADLINE_EXCEEDED, `expected hello within ${HELLO_MS} ms`), HELLO_MS);

  function end(code: number, details: string): void {
    if (over) return;
    over = true;
    clearTimeout(patience);
    if (node) pool.detach(node);
    refuse(stream, code, details);
  }
  function ended(): void {
    if (over) return;
    over = true;
    clearTimeout(patience);
    if (node) pool.detach(node);
    stream.end();
  }

  stream.on('data', (event: NodeEvent) => {
    if (over) return;
    if (node) {
      pool.receive(node, event);
      return;
    }
    const hello = event.hello;
    if (!hello?.nodeId) return end(status.INVALID_ARGUMENT, 'expected the first event to be hello with a nodeId');
    if (hello.role === 2) return end(status.INVALID_ARGUMENT, 'a gateway attaches to NodeMetadata only');
    clearTimeout(patience);
    const { gatewayId, workers, deadlineMs } = options;
    const writer = new StreamWriter<NodeCommand>(stream, MAX_QUEUED_COMMANDS);
    writer.write({ gateway: { gatewayId, workers: [...workers], gateways: [] } });
    const commands = new NodeCommands(hello.nodeId, writer, deadlineMs);
    node = pool.attach(hello, commands, (reason) => end(status.UNAVAILABLE, reason));
  });
  stream.on('end', ended);
  stream.on('error', ended);
  stream.on('cancelled', ended);
}

/** Ends a server stream with a status: grpc-js takes it as an `error` event. */
function refuse(stream: ControlStream, code: number, details: string): void {
  stream.emit('error', { code, details });
}

function ignore(): void {}
