/**
 * A node that floods its gateway over gRPC: batches of captions as fast as the streams take them, whatever credit
 * says; a stream that is ended is opened again at once under another node's name.
 */
import { Client, type ClientDuplexStream, credentials, type ServiceError } from '@grpc/grpc-js';
import { Kind } from '../../schemas/kinds.ts';
import { type NodeDown, type NodeUp, proto } from '../../schemas/proto.ts';
import { nodeMetadataService } from '../../schemas/services.ts';
import { monotonicMs, pause } from '../clock.ts';
import type { LoadTarget } from '../wire/load-target.ts';
import { type Flood, FloodCount, type FloodReport } from './flood-report.ts';

export interface NodeFloodStart {
  readonly target: LoadTarget;
  readonly tenant: string;
  readonly streams: number;
  readonly rooms: number;
}

const FRAMES_PER_BATCH = 64;
const RETRY_MS = 5;

/** Starts the flood. */
export function floodAsNode({ target, tenant, streams, rooms }: NodeFloodStart): Flood {
  const count = new FloodCount(monotonicMs());
  const clients: Client[] = [];
  let stopped = false;
  let nodes = 0;

  const rage = (client: Client) =>
    new Promise<void>((resolve) => {
      const number = nodes++;
      const batch = captionBatch(tenant, `room-${number % rooms}`, number);
      const bytes = proto.NodeUp.encode(batch).finish().length;
      const { path, requestSerialize, responseDeserialize } = nodeMetadataService.attach;
      const stream: ClientDuplexStream<NodeUp, NodeDown> = client.makeBidiStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
      );
      const pour = () => {
        // A turn's worth at a time: grpc-js buffers what it is given, and says so only afterwards.
        while (!stopped && !stream.destroyed && stream.writable) {
          count.writtenFrames += FRAMES_PER_BATCH;
          count.writtenBytes += bytes;
          if (!stream.write(batch)) return;
        }
      };
      stream.on('data', () => {});
      stream.on('drain', pour);
      stream.on('error', (error: ServiceError) => {
        count.close(`grpc ${error.code}`);
        resolve();
      });
      stream.on('end', resolve);
      count.connections++;
      stream.write({ hello: { nodeId: `flooding-${process.pid}-${number}`, role: 1, capacity: 1 } });
      pour();
    });
  const beRude = async (): Promise<void> => {
    const client = new Client(`${target.host}:${target.nodeMetadataPort}`, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
    clients.push(client);
    while (!stopped) {
      await rage(client);
      await pause(RETRY_MS);
    }
  };
  for (let index = 0; index < streams; index++) void beRude();
  return {
    async stop(): Promise<FloodReport> {
      stopped = true;
      const report = count.report(monotonicMs());
      for (const client of clients) client.close();
      await pause(50);
      return { ...report, intendedFrames: report.writtenFrames };
    },
  };
}

function captionBatch(tenant: string, room: string, node: number): NodeUp {
  const frames = Array.from({ length: FRAMES_PER_BATCH }, (_, revision) =>
    proto.Frame.encode({
      kind: Kind.caption,
      from: `asr-${node}`,
      tenant,
      room,
      caption: { stream: `node-${node}`, segment: 0, revision, text: 'so the load goes on and on and on and on' },
    }).finish(),
  );
  return { batch: { frames } };
}
