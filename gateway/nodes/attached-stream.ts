/**
 * How every stream of a node begins and ends, on either service: who attaches is checked, a hello comes first and in
 * time, and whatever ends it ends it once.
 *
 * Invariants: `open` is called at most once, with the first message's hello, and nothing is received before; `closed`
 * follows exactly once where a stream was opened; after the end nothing is received.
 */
import {
  Server,
  type ServerDuplexStream,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { NodeHello } from '../../schemas/proto.ts';
import { bindServer } from './bind-server.ts';

const HELLO_MS = 5000;

/** Ends a stream; `status.OK` closes it, any other status is told to the node with `details`. */
export type EndStream = (code: number, details: string) => void;

/** What a stream does once it is open. */
export interface OpenStream<Up> {
  received(up: Up): void;
  closed(): void;
}

/** Why a hello is not taken. */
export interface HelloRefusal {
  readonly code: number;
  readonly details: string;
}

/** What differs between the services. */
export interface StreamTerms<Up, Down> {
  /** Why whoever attaches is turned away, or null. */
  refusal(stream: ServerDuplexStream<Up, Down>): string | null;
  /** Opens the stream of a node with a name, or says why not. */
  open(hello: NodeHello, stream: ServerDuplexStream<Up, Down>, end: EndStream): OpenStream<Up> | HelloRefusal;
}

/** Where a service listens. */
export interface NodeListener {
  readonly service: ServiceDefinition<UntypedServiceImplementation>;
  readonly name: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly maxMessageBytes: number;
}

/** A service that listens. */
export interface NodeServer {
  readonly port: number;
  stop(): void;
}

/** Starts listening for nodes. Rejects with one clear line when the port cannot be had. */
export async function startNodeServer<Up extends { hello?: NodeHello | null }, Down>(
  listener: NodeListener,
  terms: StreamTerms<Up, Down>,
): Promise<NodeServer> {
  const server = new Server({
    'grpc.max_receive_message_length': listener.maxMessageBytes,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5000,
  });
  server.addService(listener.service, {
    attach: (stream: ServerDuplexStream<Up, Down>) => attach(stream, terms),
  });
  const port = await bindServer(server, listener.name, listener.host, listener.port);
  return { port, stop: () => server.forceShutdown() };
}

function attach<Up extends { hello?: NodeHello | null }, Down>(
  stream: ServerDuplexStream<Up, Down>,
  terms: StreamTerms<Up, Down>,
): void {
  let open: OpenStream<Up> | null = null;
  let over = false;

  const end: EndStream = (code, details) => {
    if (over) return;
    over = true;
    clearTimeout(patience);
    open?.closed();
    // grpc-js takes a status as an `error` event.
    if (code === status.OK) stream.end();
    else stream.emit('error', { code, details });
  };
  const ended = () => end(status.OK, '');
  const patience = setTimeout(() => end(status.DEADLINE_EXCEEDED, `expected hello within ${HELLO_MS} ms`), HELLO_MS);
  stream.on('error', ended);
  stream.on('end', ended);
  stream.on('cancelled', ended);
  const refusal = terms.refusal(stream);
  if (refusal !== null) return end(status.UNAUTHENTICATED, refusal);

  stream.on('data', (up: Up) => {
    if (over) return;
    if (open) return open.received(up);
    const { hello } = up;
    if (!hello?.nodeId) return end(status.INVALID_ARGUMENT, 'expected the first message to be hello with a nodeId');
    const opened = terms.open(hello, stream, end);
    if ('code' in opened) return end(opened.code, opened.details);
    clearTimeout(patience);
    // Opening may itself have ended it.
    if (over) opened.closed();
    else open = opened;
  });
}
