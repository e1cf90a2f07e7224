/**
 * The reference SFU as a node of a gateway.
 *
 * Invariants: media goes on while the gateway's stream is away for less than `GRACE_MS`; after that the gateway has
 * placed its rooms elsewhere, and every session is ended.
 */
import { performance } from 'node:perf_hooks';
import { NodeControl, NodeMetadata, NodeRole } from './node-link.ts';
import { ReferenceSfu } from './reference-sfu.ts';

const GRACE_MS = 10_000;

export interface ReferenceNodeOptions {
  /** `host:port` of the gateway's NodeControl. */
  readonly control: string;
  /** `host:port` of the first worker's NodeMetadata; the node only says there that it is here. */
  readonly metadata: string;
  readonly nodeId: string;
  readonly nodeToken?: string | undefined;
  readonly region?: string | undefined;
  /** Sessions it is willing to hold; 0: it does not say. */
  readonly capacity?: number | undefined;
  readonly interfaceAddress: string;
  readonly log: (line: string) => void;
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
  let grace: NodeJS.Timeout | null = null;
  let used = performance.eventLoopUtilization();

  const sfu = new ReferenceSfu({
    interfaceAddress: options.interfaceAddress,
    voice: { offer: (offer) => control.offer(offer), candidate: (candidate) => control.candidate(candidate) },
    log,
  });
  const control = new NodeControl({
    address: options.control,
    nodeToken,
    hello,
    commands: sfu,
    heartbeat: () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, used);
      used = now;
      const full = capacity > 0 ? sfu.sessions / capacity : 0;
      const load = Math.min(1, Math.max(utilization, full));
      return { load, sessions: sfu.sessions, queueDepth: 0, mediaState: 'forwarding', egressBytes: sfu.egressBytes };
    },
    attached: ({ gatewayId }) => {
      log(`serving gateway ${gatewayId} at ${options.control}`);
      if (grace) clearTimeout(grace);
      grace = null;
    },
    detached: (reason, retryMs) => {
      log(`${options.control}: ${reason}; again in ${Math.round(retryMs)} ms`);
      sfu.forgotten();
      grace ??= setTimeout(() => void sfu.closeAll(), GRACE_MS);
    },
  });
  const metadata = new NodeMetadata({ address: options.metadata, nodeToken, hello });
  return {
    sfu,
    stop: async () => {
      if (grace) clearTimeout(grace);
      control.drain(0);
      await sfu.closeAll();
      control.stop();
      metadata.stop();
    },
  };
}
