/**
 * An SFU's stream to its gateway, and what becomes of its media while that is away.
 *
 *     attached ──(stream lost)──► on its own, media goes on ──(GRACE_MS)──► every session ended
 *        └──────────────(stream back)─────────┘
 *
 * Invariant: after `GRACE_MS` the gateway has placed its rooms elsewhere, so nothing is forwarded any more.
 */
import type { NodeHello } from '../../schemas/proto.ts';
import { type CommandTable, NodeControl, type NodeHeartbeat } from './node-link.ts';

const GRACE_MS = 10_000;

/** What has sessions for the gateway and does what it is told for them. */
export interface Sfu extends CommandTable {
  readonly sessions: number;
  /** The stream was lost, and with it what the gateway knew of this node. */
  forgotten(): void;
  /** Ends every session. */
  closeAll(): Promise<void>;
}

/** Where an SFU serves, and as whom. */
export interface SfuNodeOptions {
  /** `host:port` of the gateway's NodeControl. */
  readonly control: string;
  /** `host:port` of the first worker's NodeMetadata; the node only says there that it is here. */
  readonly metadata: string;
  readonly nodeId: string;
  readonly nodeToken?: string | undefined;
  readonly region?: string | undefined;
  /** Sessions it is willing to hold; 0: it does not say. */
  readonly capacity?: number | undefined;
  readonly log: (line: string) => void;
}

export interface AttachOptions {
  /** The gateway's NodeControl, `host:port`. */
  readonly address: string;
  readonly nodeToken?: string | undefined;
  readonly hello: NodeHello;
  /** Asked every second. */
  readonly heartbeat: () => NodeHeartbeat;
  readonly log: (line: string) => void;
}

/** Dials at once and for ever, until `stop`. */
export function attachSfu(sfu: Sfu, { log, ...stream }: AttachOptions): { control: NodeControl; stop(): void } {
  let grace: NodeJS.Timeout | undefined;
  const control = new NodeControl({
    ...stream,
    commands: sfu,
    attached: ({ gatewayId }) => {
      log(`serving gateway ${gatewayId} at ${stream.address}`);
      clearTimeout(grace);
      grace = undefined;
    },
    detached: (reason, retryMs) => {
      log(`${stream.address}: ${reason}; again in ${Math.round(retryMs)} ms`);
      sfu.forgotten();
      grace ??= setTimeout(() => void sfu.closeAll(), GRACE_MS);
    },
  });
  return {
    control,
    stop: () => {
      clearTimeout(grace);
      control.stop();
    },
  };
}
