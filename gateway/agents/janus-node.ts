/**
 * A Janus server as a node of a gateway.
 *
 *     no Janus ──(session made)──► attached to the gateway ──(session lost)──► detached, no Janus ──(jitter)──► …
 *
 * Invariant: the gateway sees the node exactly while there is a Janus session; so when Janus dies and comes back, the
 * gateway opens its sessions anew and has the clients renegotiate.
 */
import { Reconnect } from '../../schemas/close-codes.ts';
import type { NodeHello } from '../../schemas/proto.ts';
import { ReconnectDelay } from '../client/reconnect-delay.ts';
import { attachSfu, type SfuNodeOptions } from './attach-sfu.ts';
import { JanusSession } from './janus-session.ts';
import { JanusSfu } from './janus-sfu.ts';
import { NodeMetadata, NodeRole } from './node-link.ts';

const RETRY_BASE_MS = 200;
const RETRY_CAP_MS = 5000;
/** How long handles may take to be given back at the end. */
const CLOSE_MS = 2000;

export interface JanusNodeOptions extends SfuNodeOptions {
  /** Janus' WebSocket, `ws://host:8188`. */
  readonly janus: string;
  readonly apiSecret?: string | undefined;
  /** The videoroom's admin_key, where Janus asks for one before it makes rooms. */
  readonly adminKey?: string | undefined;
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

function serve(session: JanusSession, hello: NodeHello, options: JanusNodeOptions): Serving {
  const { nodeToken, capacity = 0, log } = options;
  const sfu = new JanusSfu({
    session,
    adminKey: options.adminKey,
    listener: {
      offer: (offer) => control.offer(offer),
      candidate: (candidate) => control.candidate(candidate),
      failed: (id, error) => log(`session ${id}: ${error instanceof Error ? error.message : String(error)}`),
    },
  });
  const { control, stop } = attachSfu(sfu, {
    address: options.control,
    nodeToken,
    hello,
    log,
    heartbeat: () => {
      const load = capacity > 0 ? Math.min(1, sfu.sessions / capacity) : 0;
      return { load, sessions: sfu.sessions, queueDepth: 0, mediaState: 'forwarding' };
    },
  });
  return {
    detach: stop,
    end: async () => {
      control.drain(0);
      let late: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        late = setTimeout(resolve, CLOSE_MS);
      });
      await Promise.race([sfu.closeAll(), limit]);
      clearTimeout(late);
      stop();
      session.close();
    },
  };
}
