/** The reference SFU as a node of a gateway. */
import { performance } from 'node:perf_hooks';
import { attachSfu, type SfuNodeOptions } from './attach-sfu.ts';
import { NodeMetadata, NodeRole } from './node-link.ts';
import { ReferenceSfu } from './reference-sfu.ts';

export interface ReferenceNodeOptions extends SfuNodeOptions {
  readonly interfaceAddress: string;
}

export interface ReferenceNode {
  readonly sfu: ReferenceSfu;
  /** Says that it goes, ends every session and both streams. */
  stop(): Promise<void>;
}

/** Attaches to the gateway, for ever, and serves the rooms it is given. */
export function startReferenceNode(options: ReferenceNodeOptions): ReferenceNode {
  const { nodeId, nodeToken, region = '', capacity = 0, log } = options;
  const hello = { nodeId, role: NodeRole.sfu, region, capacity, features: ['reference', 'vp8', 'opus'] };
  let used = performance.eventLoopUtilization();

  const sfu = new ReferenceSfu({
    interfaceAddress: options.interfaceAddress,
    voice: { offer: (offer) => control.offer(offer), candidate: (candidate) => control.candidate(candidate) },
    log,
  });
  const { control, stop } = attachSfu(sfu, {
    address: options.control,
    nodeToken,
    hello,
    log,
    heartbeat: () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, used);
      used = now;
      const full = capacity > 0 ? sfu.sessions / capacity : 0;
      const load = Math.min(1, Math.max(utilization, full));
      return { load, sessions: sfu.sessions, queueDepth: 0, mediaState: 'forwarding', egressBytes: sfu.egressBytes };
    },
  });
  const metadata = new NodeMetadata({ address: options.metadata, nodeToken, hello });
  return {
    sfu,
    stop: async () => {
      control.drain(0);
      await sfu.closeAll();
      stop();
      metadata.stop();
    },
  };
}
