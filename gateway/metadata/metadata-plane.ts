/**
 * A metadata worker: terminates /v1/metadata and the nodes' metadata streams, and fans out to the subscribers of its
 * rooms. It shares nothing with the control plane but what that tells it over gRPC; when it dies, no call is touched.
 */
import type { OverloadLaw } from '../../backpressure/overload-law.ts';
import { type ActivePolicy, activePolicy, adoptPolicy, bereftClasses } from '../../classes/active-policy.ts';
import { AdmissionHierarchy } from '../../classes/admission-hierarchy.ts';
import { ClassTables } from '../../classes/frame-classifier.ts';
import type { Frame } from '../../schemas/proto.ts';
import { type PolicySource, policyOf, readPolicySource } from '../config/policy-source.ts';
import { type Edge, startEdge } from '../edge/edge.ts';
import { edgeFigures } from '../edge/edge-figures.ts';
import type { EdgeSocket } from '../edge/edge-socket.ts';
import { sendAway } from '../edge/send-away.ts';
import { WORKER_PORTS } from '../fabric/metadata-url.ts';
import { ActiveLadder } from '../ladder/active-ladder.ts';
import type { NodeServer } from '../nodes/attached-stream.ts';
import { LinkEnd, type NodeLink, startNodeMetadata } from '../nodes/node-metadata-server.ts';
import type { FrameQuestion, LiveAnswer } from '../supervisor/frame-question.ts';
import type { Health, Plane, PlaneStart } from '../supervisor/plane-link.ts';
import { processMemory } from '../telemetry/held-bytes.ts';
import { LoopDelay } from '../telemetry/loop-delay.ts';
import { PlaneCounters, type PlaneSnapshot } from '../telemetry/plane-counters.ts';
import { DeliveryFigures } from './delivery/delivery-figures.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { roomMemory } from './delivery/room-memory.ts';
import { Ingest } from './intake/ingest.ts';
import { explainLive } from './intake/live-explanation.ts';
import { Moments } from './intake/moments.ts';
import { NOTICE_MS, Notices } from './intake/notices.ts';
import { OverloadGate } from './intake/overload-gate.ts';
import { ShadowTrial } from './intake/shadow-trial.ts';
import { NodeLinks } from './nodes/node-links.ts';
import { WrongWorker } from './nodes/wrong-worker.ts';
import { Rooms } from './rooms/rooms.ts';
import { Audience } from './sessions/audience.ts';
import { ClientSockets } from './sessions/client-sockets.ts';
import { Conversation } from './sessions/conversation.ts';
import { edgeOptions } from './sessions/edge-options.ts';
import type { MetadataSession } from './sessions/metadata-session.ts';
import { SessionDirectory } from './sessions/session-directory.ts';
import { WorkerLadder } from './worker-ladder.ts';
import { beginLeases } from './worker-leases.ts';

const SWEEP_MS = 1000;
/** A reader that has had no room for this long is let go. */
const STALLED_MS = 30_000;

/** Starts a metadata worker. Rejects with one clear line, e.g. for a taken port. `law`: for experiments, another one. */
export async function startMetadataPlane(start: PlaneStart, law?: OverloadLaw): Promise<Plane> {
  const plane = new MetadataPlane(start, law);
  try {
    await plane.listen();
  } catch (error) {
    await plane.stop();
    throw error;
  }
  return plane;
}

class MetadataPlane implements Plane {
  readonly leases: Plane['leases'];
  readonly ladder: WorkerLadder;
  readonly shadow: ShadowTrial;
  readonly #start: PlaneStart;
  readonly #policy: ActivePolicy;
  readonly #classes: ClassTables;
  readonly #counters: PlaneCounters;
  readonly #admission: AdmissionHierarchy;
  readonly #notices: Notices;
  readonly #overload: OverloadGate;
  readonly #figures: DeliveryFigures;
  readonly #dispatcher: Dispatcher;
  readonly #rooms: Rooms;
  readonly #audience: Audience;
  readonly #clients: ClientSockets;
  readonly #nodes: NodeLinks;
  readonly #wrongWorker: WrongWorker;
  readonly #directory = new SessionDirectory<NodeLink>();
  readonly #loopDelay = new LoopDelay();
  readonly #moments = new Moments();
  readonly #timers: NodeJS.Timeout[] = [];
  #edge: Edge<MetadataSession | null> | null = null;
  #nodeServer: NodeServer | null = null;
  #draining = false;

  constructor(start: PlaneStart, law?: OverloadLaw) {
    this.#start = start;
    this.#policy = activePolicy(policyOf(start.policy ?? readPolicySource(null)));
    this.#classes = new ClassTables(this.#policy);
    this.#counters = new PlaneCounters(this.#policy.classes.map(({ name }) => name));
    this.#admission = new AdmissionHierarchy(this.#policy);
    this.leases = beginLeases(this.#admission, start.leaseShare);
    this.#notices = new Notices(this.#policy, this.#admission);
    this.shadow = new ShadowTrial(this.#policy);
    const { config, worker } = start;
    const ladder = new ActiveLadder(this.#policy, start.ladderLevel);
    this.#overload = new OverloadGate(this.#policy, this.#counters, ladder, law);
    this.#figures = new DeliveryFigures(this.#policy, this.#counters, config.limits, (subscriber, code) =>
      this.#audience.letGo(subscriber, code),
    );
    this.#dispatcher = new Dispatcher(this.#policy, this.#figures, () => performance.now());
    this.#rooms = new Rooms(this.#dispatcher, this.#policy, this.#counters, config, ladder);
    this.#audience = new Audience(this.#dispatcher, this.#figures, config.resumeMs);
    const directory = this.#directory;
    const conversation = new Conversation(this.#audience, directory);
    const [policy, admission, counters, rooms] = [this.#policy, this.#admission, this.#counters, this.#rooms];
    const [notices, overload, classes, trial] = [this.#notices, this.#overload, this.#classes, this.shadow];
    const intake = { policy, admission, counters, notices, overload, trial };
    const ingest = new Ingest(intake, (session, frame, moment) => conversation.converse(session, frame, moment));
    const keepers = { rooms, audience: this.#audience, directory, ladder };
    const shared = { config, worker, policy, classes, admission, ingest, ...keepers };
    const parts = { ...shared, moment: () => this.#moments.at(this.#edge?.turn.nowMs ?? performance.now()) };
    this.#clients = new ClientSockets(parts);
    this.#wrongWorker = new WrongWorker(start, policy);
    const nodeParts = { ...shared, moment: () => this.#moments.at(performance.now()) };
    const streamParts = { policy, classes, admission, overload, counters, rooms, wrongWorker: this.#wrongWorker };
    this.#nodes = new NodeLinks(nodeParts, streamParts);
    const [dispatcher, nodes] = [this.#dispatcher, this.#nodes];
    const eachSession = this.#eachSession.bind(this);
    const { costs } = admission;
    this.ladder = new WorkerLadder(ladder, { dispatcher, overload, rooms, nodes, costs, eachSession });
  }

  async listen(): Promise<void> {
    const { config, worker, internalToken } = this.#start;
    const { listen } = config;
    const portOf = (port: number): number => (port === 0 ? 0 : port + WORKER_PORTS * worker);
    const listener = { ...listen.metadata, port: portOf(listen.metadata.port) };
    this.#edge = await startEdge<MetadataSession | null>(
      edgeOptions(config, listener, () => this.health(), this.#overload.ladder),
      this.#clients,
    );
    this.#nodeServer = await startNodeMetadata(
      {
        host: listen.nodeMetadata.host,
        port: portOf(listen.nodeMetadata.port),
        nodeTokens: config.nodeTokens,
        internalToken,
      },
      this.#nodes,
    );
    this.#loopDelay.start();
    this.#overload.start();
    this.#timers.push(
      setInterval(() => this.#tell(), NOTICE_MS),
      setInterval(() => this.#sweep(), SWEEP_MS),
    );
  }

  get ports(): Record<string, number> {
    return { metadata: this.#edge?.port ?? 0, nodeMetadata: this.#nodeServer?.port ?? 0 };
  }

  snapshot(): PlaneSnapshot {
    // Planes are asked for snapshots only once they listen.
    const figures = edgeFigures(this.#edge!);
    return {
      plane: 'metadata',
      worker: this.#start.worker,
      policyVersion: this.#policy.version,
      ...this.#counters.snapshot(),
      ...figures,
      sessions: { ...figures.sessions, node: this.#nodes.size },
      held: roomMemory(this.#rooms.all(), this.#start.config.limits),
      memory: processMemory(),
      loopDelayMs: this.#loopDelay.take(),
      breakers: [],
      nodes: [],
      shadow: this.shadow.report(),
    };
  }

  /** Everything below runs in one turn: a frame is judged by one policy or the other. */
  adopt(source: PolicySource): void {
    const before = { ...this.#policy };
    adoptPolicy(this.#policy, policyOf(source, before));
    this.#counters.adopt(this.#policy.classes.map(({ name }) => name));
    this.#admission.adopt(this.#policy, performance.now());
    this.#figures.adopt();
    this.ladder.adopt();
    const bereft = bereftClasses(before, this.#policy);
    this.#eachSession((session) => this.#notices.policyChanged(session, bereft));
    for (const { mixed } of this.#directory.all()) if (mixed !== null) this.#notices.policyChanged(mixed, bereft);
    this.#nodes.policyChanged(bereft, this.#notices.creditShare, performance.now());
  }

  explain(question: FrameQuestion): LiveAnswer {
    const eachSession = this.#eachSession.bind(this);
    const [policy, classes, admission] = [this.#policy, this.#classes, this.#admission];
    return explainLive({ policy, classes, admission, eachSession }, question, performance.now());
  }

  #eachSession(visit: (session: MetadataSession, kind: string) => void): void {
    this.#edge?.forEach(({ principal, state }) => {
      if (state !== null) visit(state, principal.kind);
    });
  }

  health(): Health {
    if (this.#draining) return { ready: false, reasons: ['draining'] };
    return this.#nodeServer ? { ready: true, reasons: [] } : { ready: false, reasons: ['starting'] };
  }

  async drain(): Promise<void> {
    this.#draining = true;
    const tell = ({ state }: EdgeSocket<MetadataSession | null>, goaway: Frame) => state?.outlet.tell(goaway);
    if (this.#edge !== null) await sendAway(this.#edge, this.#start.config.drainMs, tell);
    this.#nodes.drain(LinkEnd.draining);
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#dispatcher.stop();
    this.#loopDelay.stop();
    this.#overload.stop();
    this.#wrongWorker.stop();
    this.#edge?.stop();
    this.#nodeServer?.stop();
  }

  #tell(): void {
    const { longestMs, usualMs } = this.#dispatcher.takeWaits();
    const nowMs = performance.now();
    this.#overload.endWindow(usualMs);
    this.#notices.round(longestMs, nowMs);
    this.#nodes.tell(this.#notices.creditShare, nowMs);
  }

  #sweep(): void {
    const nowMs = performance.now();
    this.#clients.sweep(nowMs);
    this.#nodes.sweep(nowMs);
    this.#directory.sweep(nowMs);
    this.#audience.sweep(nowMs, nowMs - STALLED_MS);
    this.#rooms.sweep(nowMs);
    this.#admission.sweep(nowMs);
  }
}
