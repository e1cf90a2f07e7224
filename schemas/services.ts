/**
 * The gRPC services of node.proto as plain definitions: what grpc-js' server and client take, made from the generated
 * codecs, without importing grpc-js here.
 */
import { type NodeCommand, type NodeDown, type NodeEvent, type NodeUp, proto } from './proto.ts';

/** One bidirectional streaming method. `Request` flows from the node to the gateway. */
export interface StreamMethod<Request, Response> {
  readonly path: string;
  readonly requestStream: true;
  readonly responseStream: true;
  readonly requestSerialize: (message: Request) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (message: Response) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

export const nodeControlService: { readonly attach: StreamMethod<NodeEvent, NodeCommand> } = {
  attach: streamMethod('/sluice.v1.NodeControl/Attach', proto.NodeEvent, proto.NodeCommand),
};

export const nodeMetadataService: { readonly attach: StreamMethod<NodeUp, NodeDown> } = {
  attach: streamMethod('/sluice.v1.NodeMetadata/Attach', proto.NodeUp, proto.NodeDown),
};

function streamMethod<Request, Response>(
  path: string,
  request: Codec<Request>,
  response: Codec<Response>,
): StreamMethod<Request, Response> {
  return {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: (message) => bufferOf(request.encode(message).finish()),
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (message) => bufferOf(response.encode(message).finish()),
    responseDeserialize: (bytes) => response.decode(bytes),
  };
}

/** The same bytes as a Buffer, which grpc-js wants; nothing is copied. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
