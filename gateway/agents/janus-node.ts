/**
 * A Janus server as a node of a gateway.
 *
 *     no Janus ──(session made)──► attached to the gateway ──(session lost)──► detached, no Janus ──(jitter)──► …
 *
 * Invariants: the gateway sees the node exactly while there is a Janus session; so when Janus dies and comes back, the
 * gateway opens its sessions anew and has the clients renegotiate. Media goes on while the gateway's stream is away for
 * less than `GRACE_MS`; after that the gateway has placed its rooms elsewhere, and every session is ended.
 */
import { Reconnect } from '../../schemas/close-codes.ts';
import { ReconnectDelay } from '../client/reconnect-delay.ts';
import { JanusSession } from './janus-session.ts';
import { JanusSfu } from './janus-sfu.ts';
import { NodeControl, NodeMetadata, NodeRole } from './node-link.ts';

const GRACE_MS = 10_000;
const RETRY_BASE_MS = 200;
const RETRY_CAP_MS = 5000;
/** How long handles may take to be given back at the end. */
const CLOSE_MS = 2000;

export interface JanusNodeOptions {
  /** Janus' WebSocket, `ws://host:8188`. */
  readonly janus: string;
  readonly apiSecret?: string | undefined;
  /** The videoroom's admin_key, where Janus asks for one before it makes rooms. */
  readonly adminKey?: string | undefined;
  /** `host:port` of the gateway's NodeControl and of its first worker's NodeMetadata. */
  readonly control: string;
  readonly metadata: string;
  readonly nodeId: string;
  readonly nodeToken?: string | undefined;
  readonly region?: string | undefined;
  /** Sessions it is willing to hold; 0: it does not say. */
  readonly capacity?: number | undefined;
  readonly log: (line: string) => void;
}

export interface JanusNode {
  /** Says that it goes, ends every session, both streams and the connection to Janus. */
  stop(): Promise<void>;
}

/** Keeps up with Janus and the gateway, for ever. */
export function startJanusNode(options: JanusNodeOptions): JanusNode {
  const { nodeId, nodeToken, region = '', capacity = 0, log } = options;
  const hello = { nodeId, role: NodeRole.sfu, region, capacity, features: ['janus', 'vp8', 'opus'] };
  const delay = new ReconnectDelay(RETRY_BASE_MS, RETRY_CAP_MS);
  const metadata = new NodeMetadata({ address: options.metadata, nodeToken, hello });
  let stopped = false;
  let wake = (): void => {};
  let serving: Serving | null = null;

  const keep = async (): Promise<void> => {
    while (!stopped) {
      let reason: string;
      try {
        const session = await JanusSession.open(options.janus, options.apiSecret);
        delay.succeeded();
        log(`on Janus at ${options.janus}`);
        serving = serve(session, hello, options);
        if (stopped) break;
        reason = await session.lost;
        serving.detach();
        serving = null;
      } catch (error) {
        reason = error instanceof Error ? error.message || error.name : String(error);
      }
      if (stopped) break;
      const retryMs = delay.nextMs(Reconnect.backOff, 0);
      log(`${options.janus}: ${reason}; again in ${Math.round(retryMs)} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, retryMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const kept = keep();
  return {
    stop: async () => {
      stopped = true;
      wake();
      await serving?.end();
      metadata.stop();
      await kept;
      await serving?.end();
    },
  };
}

/** The time of one Janus session. */
interface Serving {
  /** Janus is gone: lets the gateway see it. */
  detach(): void;
  /** Ends everything in order. */
  end(): Promise<void>;
}

type Hello = ConstructorParameters<typeof NodeControl>[0]['hello'];

function serve(session: JanusSession, hello: Hello, options: JanusNodeOptions): Serving {
  const { nodeToken, capacity = 0, log } = options;
  let grace: NodeJS.Timeout | null = null;
  const sfu = new JanusSfu({
    session,
    adminKey: options.adminKey,
    listener: {
      offer: (offer) => control.offer(offer),
      candidate: (candidate) => control.candidate(candidate),
      failed: (id, error) => log(`session ${id}: ${error instanceof Error ? error.message : String(error)}`),
    },
  });
  const control = new NodeControl({
    address: options.control,
    nodeToken,
    hello,
    commands: sfu,
    heartbeat: () => {
      const load = capacity > 0 ? Math.min(1, sfu.sessions / capacity) : 0;
      return { load, sessions: sfu.sessions, queueDepth: 0, mediaState: 'forwarding' };
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
  const detach = (): void => {
    if (grace) clearTimeout(grace);
    control.stop();
  };
  return {
    detach,
    end: async () => {
      control.drain(0);
      let late: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        late = setTimeout(resolve, CLOSE_MS);
      });
      await Promise.race([sfu.closeAll(), limit]);
      clearTimeout(late);
      detach();
      session.close();
    },
  };
}
