/**
 * The control plane: starts its listeners, joins its parts, and says how it is.
 *
 *     clients ─► edge ─► SignalListener ─► CallRequests ─► NodeSessions, MediaSignals ─► SFU nodes
 *                                  └────► MixedMetadata ─► MetadataForwarder ─► metadata workers
 *
 * Invariants: metadata workers may come and go, or never come, without a call being lost; one timer serves all
 * sessions.
 */
import { activePolicy, adoptPolicy } from '../../classes/active-policy.ts';
import { ClassTables } from '../../classes/frame-classifier.ts';
import { Kind } from '../../schemas/kinds.ts';
import { policyOf, readPolicySource } from '../config/policy-source.ts';
import { clientLimits } from '../edge/client-limits.ts';
import { type Edge, startEdge } from '../edge/edge.ts';
import { sendAway } from '../edge/send-away.ts';
import { localMetadataAddresses, metadataAddresses } from '../fabric/metadata-url.ts';
import { ActiveLadder } from '../ladder/active-ladder.ts';
import type { NodeServer } from '../nodes/attached-stream.ts';
import { MetadataForwarder } from '../nodes/metadata-forwarder.ts';
import { startNodeControl } from '../nodes/node-control-server.ts';
import { NodePool } from '../nodes/node-pool.ts';
import type { Health, Plane, PlaneStart } from '../supervisor/plane-link.ts';
import { LoopDelay } from '../telemetry/loop-delay.ts';
import { PlaneCounters } from '../telemetry/plane-counters.ts';
import { CallRequests } from './call-requests.ts';
import { demoRelay } from './demo-access.ts';
import { demoPages } from './demo-pages.ts';
import { Joining } from './joining.ts';
import { MediaSignals } from './media-signals.ts';
import { MetadataOutlet } from './metadata-outlet.ts';
import { NodeSessions } from './node-sessions.ts';
import { PlaneLadder } from './plane-ladder.ts';
import type { PlaneParts } from './plane-parts.ts';
import { planeSnapshot } from './plane-snapshot.ts';
import { Replies } from './replies.ts';
import { Rooms } from './rooms.ts';
import type { Session } from './session.ts';
import { SessionLife } from './session-life.ts';
import { SetupTimes } from './setup-times.ts';
import { SignalListener } from './signal-listener.ts';

const SIGNAL_PATH = '/v1/signal';
/** How often deadlines of commands and of absent sessions are looked at. */
const SWEEP_MS = 50;

/** A running control plane. `ports` are those it really listens on, for those who asked for any free one. */
export interface ControlPlane extends Plane {
  readonly ports: { readonly signal: number; readonly nodeControl: number };
  /** Per class: frames offered that neither ended nor wait. Always 0. */
  residuals(): number[];
}

/** Starts the control plane. Rejects with one line when a port is taken or a key cannot be read. */
export async function startControlPlane(start: PlaneStart): Promise<ControlPlane> {
  const { config, internalToken } = start;
  const policy = activePolicy(policyOf(start.policy ?? readPolicySource(null)));
  const counters = new PlaneCounters(policy.classes.map(({ name }) => name));
  const sessions = new Map<string, Session>();
  const outlet = new MetadataOutlet(counters);
  const pool = new NodePool(
    {
      attached: (node) => {
        ladder.attached(node);
        nodes.attached();
      },
      gone: (node) => nodes.gone(node),
      offered: (node, signal) => media.fromNode(node, Kind.offer, signal),
      answered: (node, signal) => media.fromNode(node, Kind.answer, signal),
      candidate: (node, candidate) => media.candidateFromNode(node, candidate),
    },
    SWEEP_MS,
  );
  const forwarder = new MetadataForwarder(
    {
      gatewayId: config.gatewayId,
      region: config.region,
      addresses: localMetadataAddresses(config),
      internalToken,
      policy,
    },
    {
      attached: (worker) => {
        for (const session of sessions.values()) if (session.room?.worker === worker) life.inform(session);
      },
      deliver: (id, message, close) => outlet.deliver(sessions.get(id), message, close),
    },
    counters,
  );
  const rooms = new Rooms(config.metadataWorkers);
  const replies = new Replies(counters, policy);
  const classes = new ClassTables(policy);
  const level = new ActiveLadder(policy, start.ladderLevel);
  const shared = { config, policy, classes, counters, replies, rooms, sessions, pool, forwarder };
  const parts: PlaneParts = { ...shared, ladder: level };
  const times = new SetupTimes(counters, policy);
  const ladder = new PlaneLadder(level, parts, times);
  const nodes = new NodeSessions(parts);
  const life = new SessionLife(parts, nodes, times);
  const media = new MediaSignals(parts, nodes, times);
  const requests = new CallRequests(parts, new Joining(parts, nodes, life, times, ladder), media, life);
  const listener = new SignalListener(parts, requests, life, outlet, times);

  let edge: Edge<Session> | null = null;
  let nodeControl: NodeServer | null = null;
  const loopDelay = new LoopDelay();
  let agedAtMs = performance.now();
  const sweep = setInterval(() => {
    const nowMs = performance.now();
    life.sweep(nowMs);
    listener.sweep(nowMs);
    // Twice the heartbeat: a client that is still connected has answered one since.
    if (nowMs - agedAtMs > 2 * config.heartbeatMs + config.resumeMs) {
      agedAtMs = nowMs;
      for (const session of sessions.values()) if (session.phase === 'joined') session.outbox?.age();
    }
  }, SWEEP_MS);

  async function stop(): Promise<void> {
    clearInterval(sweep);
    loopDelay.stop();
    ladder.stop();
    listener.stop();
    edge?.stop();
    pool.stop();
    nodeControl?.stop();
    forwarder.stop();
  }

  function health(): Health {
    const served = [...pool.nodes].some((node) => node.role === 'sfu' && !node.draining);
    const reasons = served ? [] : ['no SFU node is attached: rooms can be joined, media cannot be negotiated'];
    return { ready: edge !== null, reasons };
  }

  try {
    nodeControl = await startNodeControl(
      {
        ...config.listen.nodeControl,
        nodeTokens: config.nodeTokens,
        deadlineMs: config.nodeDeadlineMs,
        gatewayId: config.gatewayId,
        workers: metadataAddresses(config),
      },
      pool,
    );
    const { limits } = config;
    edge = await startEdge<Session>(
      {
        listener: config.listen.signal,
        path: SIGNAL_PATH,
        ...clientLimits(config),
        maxFrameBytes: limits.signalFrameBytes,
        runFrames: limits.signalRunFrames,
        runBytes: limits.signalRunBytes,
        health,
        ...(config.demo && { pages: demoPages(config), relay: demoRelay(config) }),
      },
      listener,
    );
    listener.follow(edge.turn);
  } catch (error) {
    await stop();
    throw error;
  }
  loopDelay.start();
  ladder.start();
  const open = edge;

  return {
    ports: { signal: open.port, nodeControl: nodeControl.port },
    residuals: () => counters.residuals(),
    snapshot: () => planeSnapshot(start, parts, open, loopDelay),
    health,
    adopt: (source) => {
      adoptPolicy(policy, policyOf(source, policy));
      counters.adopt(policy.classes.map(({ name }) => name));
      times.adopt();
      listener.adopt();
      ladder.adopt();
    },
    ladder,
    drain: () => sendAway(open, config.drainMs, (socket, goaway) => void replies.sendTo(socket, goaway)),
    stop,
  };
}
