/** The generated protobuf messages under short names, so that nobody else spells `sluice.v1`. */
import { sluice } from './generated/proto.js';

export const proto = sluice.v1;

/** A decoded frame: `kind` says which one payload member is set. */
export type Frame = sluice.v1.Frame.$Properties;
export type NodeEvent = sluice.v1.NodeEvent.$Properties;
export type NodeCommand = sluice.v1.NodeCommand.$Properties;
export type NodeUp = sluice.v1.NodeUp.$Properties;
export type NodeDown = sluice.v1.NodeDown.$Properties;
export type NodeBatch = sluice.v1.NodeBatch.$Properties;
export type NodeHello = sluice.v1.NodeHello.$Properties;
export type NodeSignal = sluice.v1.NodeSignal.$Properties;
export type NodeCandidate = sluice.v1.NodeCandidate.$Properties;
export type NodeReply = sluice.v1.NodeReply.$Properties;
export type SessionUpdate = sluice.v1.SessionUpdate.$Properties;
export type Rights = sluice.v1.Rights.$Properties;
export type Subscription = sluice.v1.Subscription.$Properties;
export type Caption = sluice.v1.Caption.$Properties;
