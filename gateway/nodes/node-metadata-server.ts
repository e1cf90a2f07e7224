/**
 * The gRPC server of NodeMetadata: hands the stream of each node that may attach to the metadata plane, as a link.
 *
 * Invariants: only the control plane, known by the internal token, may be of role gateway; what is written respects the
 * stream's back-pressure, and what cannot be ends the stream.
 */
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import { type NodeDown, type NodeHello, type NodeUp, proto } from '../../schemas/proto.ts';
import { nodeMetadataService } from '../../schemas/services.ts';
import { type EndStream, type NodeServer, startNodeServer } from './attached-stream.ts';
import { bearerMatches, nodeRefusal } from './node-auth.ts';
import { StreamWriter } from './stream-writer.ts';

type MetadataStream = ServerDuplexStream<NodeUp, NodeDown>;

const MAX_QUEUED = 16_384;
const MAX_MESSAGE_BYTES = 16 * 1_048_576;

/** Why a link is ended, as a gRPC status. */
export const LinkEnd = {
  overrun: status.RESOURCE_EXHAUSTED,
  badMessage: status.INVALID_ARGUMENT,
  draining: status.UNAVAILABLE,
} as const;

/** One attached stream. After `end`, or once the other side has ended it, writing does nothing. */
export class NodeLink {
  readonly hello: NodeHello;
  readonly nodeId: string;
  /** The control plane of this gateway, not a node. */
  readonly isGateway: boolean;
  readonly #writer: StreamWriter<NodeDown>;
  readonly #end: EndStream;
  #queuedBytes = 0;

  constructor(hello: NodeHello, writer: StreamWriter<NodeDown>, end: EndStream) {
    this.hello = hello;
    this.nodeId = hello.nodeId ?? '';
    this.isGateway = hello.role === proto.NodeHello.Role.gateway;
    this.#writer = writer;
    this.#end = end;
  }

  /** False when the message is lost: the other side reads too slowly, and the link is ended. */
  write(down: NodeDown, bytes = 0): boolean {
    this.#queuedBytes = this.#writer.ready ? 0 : this.#queuedBytes + bytes;
    if (this.#writer.write(down)) return true;
    this.end(LinkEnd.overrun, 'the stream is not read');
    return false;
  }

  /** Bytes written that wait for the other side, by what `write` was told. */
  bufferedBytes(): number {
    return this.#writer.ready ? 0 : this.#queuedBytes;
  }

  end(code: number, details: string): void {
    this.#end(code, details);
  }
}

/** The metadata plane's side. */
export interface NodeLinkListener {
  opened(link: NodeLink): void;
  received(link: NodeLink, up: NodeUp): void;
  drained(link: NodeLink): void;
  closed(link: NodeLink): void;
}

export interface NodeMetadataOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Empty: nodes on this machine need none, others are refused. */
  readonly nodeTokens: readonly string[];
  readonly internalToken: string;
}

/** Starts listening for nodes. Rejects with one clear line when the port cannot be had. */
export function startNodeMetadata(options: NodeMetadataOptions, plane: NodeLinkListener): Promise<NodeServer> {
  const { host, port, nodeTokens, internalToken } = options;
  const listener = {
    service: nodeMetadataService,
    name: 'NodeMetadata',
    host,
    port,
    maxMessageBytes: MAX_MESSAGE_BYTES,
  };
  const authorizationOf = (stream: MetadataStream) => stream.metadata.get('authorization')[0]?.toString();
  const isInternal = (stream: MetadataStream) =>
    bearerMatches(authorizationOf(stream)?.replace(/^Bearer +/i, '') ?? '', [internalToken]);
  return startNodeServer<NodeUp, NodeDown>(listener, {
    refusal: (stream) =>
      isInternal(stream) ? null : nodeRefusal(authorizationOf(stream), stream.getPeer(), nodeTokens),
    open(hello, stream, end) {
      if (hello.role === proto.NodeHello.Role.gateway && !isInternal(stream)) {
        const details = 'only the control plane of this gateway is of role gateway';
        return { code: status.PERMISSION_DENIED, details };
      }
      let open = true;
      const writer = new StreamWriter<NodeDown>(stream, MAX_QUEUED, () => open && plane.drained(link));
      const link = new NodeLink(hello, writer, end);
      plane.opened(link);
      return {
        received: (up) => plane.received(link, up),
        closed() {
          open = false;
          writer.stop();
          plane.closed(link);
        },
      };
    },
  });
}
