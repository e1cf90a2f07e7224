/**
 * The gRPC server of NodeControl: hands the streams of nodes that may attach to the pool.
 *
 * Invariants: anything a node sends that does not decode ends its own stream only; commands respect the stream's
 * back-pressure.
 */
import { status } from '@grpc/grpc-js';
import { type NodeCommand, type NodeEvent, proto } from '../../schemas/proto.ts';
import { nodeControlService } from '../../schemas/services.ts';
import { type NodeServer, startNodeServer } from './attached-stream.ts';
import { nodeRefusal } from './node-auth.ts';
import { NodeCommands } from './node-commands.ts';
import type { NodePool } from './node-pool.ts';
import { StreamWriter } from './stream-writer.ts';

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

/** Starts listening for nodes. Rejects with one clear line when the port cannot be had. */
export function startNodeControl(options: NodeControlOptions, pool: NodePool): Promise<NodeServer> {
  const { host, port, nodeTokens, gatewayId, workers, deadlineMs } = options;
  const listener = { service: nodeControlService, name: 'NodeControl', host, port, maxMessageBytes: MAX_MESSAGE_BYTES };
  return startNodeServer<NodeEvent, NodeCommand>(listener, {
    refusal: (stream) => nodeRefusal(stream.metadata.get('authorization')[0]?.toString(), stream.getPeer(), nodeTokens),
    open(hello, stream, end) {
      if (hello.role === proto.NodeHello.Role.gateway) {
        return { code: status.INVALID_ARGUMENT, details: 'a gateway attaches to NodeMetadata only' };
      }
      const writer = new StreamWriter<NodeCommand>(stream, MAX_QUEUED_COMMANDS);
      writer.write({ gateway: { gatewayId, workers: [...workers], gateways: [] } });
      const commands = new NodeCommands(hello.nodeId ?? '', writer, deadlineMs);
      const node = pool.attach(hello, commands, (reason) => end(status.UNAVAILABLE, reason));
      return { received: (event) => pool.receive(node, event), closed: () => pool.detach(node) };
    },
  });
}
