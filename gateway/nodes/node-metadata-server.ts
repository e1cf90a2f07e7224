/**
 * The gRPC server of NodeMetadata: checks who attaches, waits for the hello, and hands each stream to the metadata
 * plane as a link.
 *
 * Invariants: nothing but a hello comes first, within HELLO_MS; only the control plane, known by the internal token,
 * may be of role gateway; what is written respects the stream's back-pressure, and what cannot be ends the stream.
 */
import { Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { type NodeDown, type NodeHello, type NodeUp, proto } from '../../schemas/proto.ts';
import { nodeMetadataService } from '../../schemas/services.ts';
import { bindServer } from './bind-server.ts';
import { bearerMatches, nodeRefusal } from './node-auth.ts';
import { StreamWriter } from './stream-writer.ts';

type MetadataStream = ServerDuplexStream<NodeUp, NodeDown>;

const HELLO_MS = 5000;
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
  readonly #end: (code: number, details: string) => void;
  #queuedBytes = 0;

  constructor(hello: NodeHello, writer: StreamWriter<NodeDown>, end: (code: number, details: string) => void) {
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

export interface NodeMetadataServer {
  readonly port: number;
  stop(): void;
}

/** Starts listening for nodes. Rejects with one clear line when the port cannot be had. */
export async function startNodeMetadata(
  options: NodeMetadataOptions,
  listener: NodeLinkListener,
): Promise<NodeMetadataServer> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5000,
  });
  server.addService(nodeMetadataService, {
    attach: (stream: MetadataStream) => attach(stream, options, listener),
  });
  const port = await bindServer(server, 'NodeMetadata', options.host, options.port);
  return { port, stop: () => server.forceShutdown() };
}

function attach(stream: MetadataStream, options: NodeMetadataOptions, listener: NodeLinkListener): void {
  const authorization = stream.metadata.get('authorization')[0]?.toString();
  const isInternal = bearerMatches(authorization?.replace(/^Bearer +/i, '') ?? '', [options.internalToken]);
  const refusal = isInternal ? null : nodeRefusal(authorization, stream.getPeer(), options.nodeTokens);
  let link: NodeLink | null = null;
  let writer: StreamWriter<NodeDown> | null = null;
  let over = false;

  function finish(code: number, details: string): void {
    if (over) return;
    over = true;
    clearTimeout(patience);
    writer?.stop();
    if (link) listener.closed(link);
    if (code === status.OK) stream.end();
    else stream.emit('error', { code, details });
  }
  const patience = setTimeout(() => finish(status.DEADLINE_EXCEEDED, `expected hello within ${HELLO_MS} ms`), HELLO_MS);
  stream.on('error', () => finish(status.OK, ''));
  stream.on('end', () => finish(status.OK, ''));
  stream.on('cancelled', () => finish(status.OK, ''));
  if (refusal !== null) return finish(status.UNAUTHENTICATED, refusal);

  stream.on('data', (up: NodeUp) => {
    if (over) return;
    if (link) return listener.received(link, up);
    const { hello } = up;
    if (!hello?.nodeId) return finish(status.INVALID_ARGUMENT, 'expected the first message to be hello with a nodeId');
    if (hello.role === proto.NodeHello.Role.gateway && !isInternal) {
      return finish(status.PERMISSION_DENIED, 'only the control plane of this gateway is of role gateway');
    }
    clearTimeout(patience);
    writer = new StreamWriter<NodeDown>(stream, MAX_QUEUED, () => link && !over && listener.drained(link));
    link = new NodeLink(hello, writer, finish);
    listener.opened(link);
  });
}
