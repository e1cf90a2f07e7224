/** The node library: what a program needs to serve a Sluice gateway as an SFU or inference node. */
export type { Offered, WhenBlocked } from './frame-lanes.ts';
export {
  type CandidateOf,
  type CloseSession,
  CommandError,
  type CommandTable,
  type MuteTrack,
  NodeControl,
  type NodeControlOptions,
  type NodeHeartbeat,
  type NodeRequest,
  type OpenSession,
} from './node-control.ts';
export { NodeMetadata, type NodeMetadataListener, type NodeMetadataOptions } from './node-metadata.ts';

/** `NodeHello.role`, by word. */
export const NodeRole = { sfu: 0, inference: 1, gateway: 2 } as const;
