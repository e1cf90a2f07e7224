/** The classless gateway's side of the node: one gRPC stream, commands and replies by number. */
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import type { NodeCommand, NodeEvent } from '../../schemas/proto.ts';
import { nodeControlService } from '../../schemas/services.ts';

/** What a node replied: its answer's SDP where the command was an offer. */
export type NodeReplied = (sdp: string) => void;

/** The attached node. */
export interface ClasslessNode {
  readonly port: number;
  /** Sends a command. Without a node nothing happens, and nobody is told. */
  command(command: NodeCommand, replied: NodeReplied): void;
  stop(): void;
}

/** Waits for one node on a free port; a later one takes its place. */
export function listenForNode(): Promise<ClasslessNode> {
  const server = new Server();
  const waiting = new Map<number, NodeReplied>();
  let stream: ServerDuplexStream<NodeEvent, NodeCommand> | null = null;
  let last = 0;
  server.addService(nodeControlService, {
    attach(attached: ServerDuplexStream<NodeEvent, NodeCommand>) {
      stream = attached;
      attached.write({ gateway: { gatewayId: 'classless' } });
      attached.on('data', ({ reply }: NodeEvent) => {
        const command = reply?.command ?? 0;
        const replied = waiting.get(command);
        waiting.delete(command);
        replied?.(reply?.answer?.sdp ?? '');
      });
      attached.on('error', () => {});
      attached.on('end', () => attached.end());
    },
  });
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error) {
        reject(error);
        return;
      }
      resolve({
        port,
        command(command, replied) {
          waiting.set(++last, replied);
          stream?.write({ ...command, command: last });
        },
        stop: () => server.forceShutdown(),
      });
    });
  });
}
