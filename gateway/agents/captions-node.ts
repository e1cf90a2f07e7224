/**
 * The captions node: an inference node whose model is a recording. It says so wherever it says anything: in its hello's
 * features and in the model of every caption.
 *
 * Invariants: the replay starts when the gateway is first there and keeps its time whatever happens then; interims are
 * conflated while they may not be sent, finals wait.
 */
import { CaptionReplay } from './caption-replay.ts';
import { NodeControl, NodeMetadata, NodeRole } from './node-link.ts';
import type { Fragment } from './trace-file.ts';

export interface CaptionsNodeOptions {
  readonly trace: readonly Fragment[];
  readonly tenant: string;
  readonly room: string;
  readonly loop: boolean;
  readonly speed: number;
  /** Added to every segment; a new run above the last one's is not taken for a repetition of it. */
  readonly firstSegment: number;
  /** `host:port` of the gateway's NodeControl and of its first worker's NodeMetadata. */
  readonly control: string;
  readonly metadata: string;
  readonly nodeId: string;
  readonly nodeToken?: string | undefined;
  readonly log: (line: string) => void;
}

export interface CaptionsNode {
  /** Resolves when all has been said and every final accepted, to the counts; never with `loop`. */
  readonly done: Promise<ReplayCounts>;
  readonly counts: ReplayCounts;
  stop(): void;
}

/** Frames by what became of them here; `unaccepted` finals the gateway has not confirmed. */
export interface ReplayCounts {
  readonly interims: number;
  readonly finals: number;
  readonly conflated: number;
  readonly dropped: number;
  readonly unaccepted: number;
}

/** How long finals may take to be accepted after the last fragment, ms. */
const SETTLE_MS = 30_000;

/** Attaches to the gateway, for ever, and replays. */
export function startCaptionsNode(options: CaptionsNodeOptions): CaptionsNode {
  const { tenant, room, nodeId, nodeToken, log } = options;
  const counts = { interims: 0, finals: 0, conflated: 0, dropped: 0 };
  const hello = { nodeId, role: NodeRole.inference, models: ['pocketsphinx-replay'], features: ['replay'] };
  const done = Promise.withResolvers<ReplayCounts>();
  let started = false;
  let settling: NodeJS.Timeout | null = null;

  const metadata = new NodeMetadata({
    address: options.metadata,
    nodeToken,
    hello,
    listener: {
      attached: (address) => {
        log(`publishing to ${address}`);
        if (started) return;
        started = true;
        replay.start();
      },
      detached: (address, reason, retryMs) => log(`${address}: ${reason}; again in ${Math.round(retryMs)} ms`),
      snapshotWanted: (stream, segment) => {
        const frame = replay.newest(stream, segment);
        if (frame) metadata.publish(frame);
      },
      throttled: ({ class: name, dropped, retryAfterMs }) =>
        log(`throttled: class ${name}, ${dropped} dropped, wait ${retryAfterMs} ms`),
      moved: (_tenant, movedRoom, address) => log(`room ${movedRoom} is served by ${address}`),
    },
  });
  const control = new NodeControl({
    address: options.control,
    nodeToken,
    hello,
    commands: { advice: () => {}, prewarm: () => {} },
    heartbeat: () => ({ load: 0, sessions: 0, queueDepth: 0 }),
    detached: (reason, retryMs) => log(`${options.control}: ${reason}; again in ${Math.round(retryMs)} ms`),
  });
  const snapshot = (): ReplayCounts => ({ ...counts, unaccepted: metadata.unaccepted });
  const replay = new CaptionReplay(options.trace, {
    tenant,
    room,
    firstSegment: options.firstSegment,
    speed: options.speed,
    loop: options.loop,
    publish: (frame) => {
      const offered = metadata.publish(frame, 'conflate');
      if (frame.final) counts.finals++;
      else counts.interims++;
      if (offered === 'conflated') counts.conflated++;
      else if (offered !== 'queued') counts.dropped++;
    },
    ended: () => {
      settling = setTimeout(() => done.resolve(snapshot()), SETTLE_MS);
      void metadata.settled().then(() => done.resolve(snapshot()));
    },
  });
  return {
    done: done.promise,
    get counts() {
      return snapshot();
    },
    stop: () => {
      if (settling) clearTimeout(settling);
      replay.stop();
      metadata.stop();
      control.stop();
    },
  };
}
