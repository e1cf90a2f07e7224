/**
 * Live captions: an inference node that listens to a room as a participant and writes down the words spoken in it.
 *
 *     room ─(SFU, RTP)─► speaker ─► recogniser ─► caption frames ─(NodeMetadata)─► gateway ─► everyone in the room
 *
 * Invariants: what it says is what it heard, by the model it names; interims are conflated while they may not be sent,
 * finals wait; segments are numbered above those of any earlier run.
 */
import type { Frame } from '../../schemas/proto.ts';
import { NodeControl, NodeMetadata, NodeRole } from './node-link.ts';
import { Pocketsphinx } from './pocketsphinx.ts';
import { RoomAudio } from './room-audio.ts';
import { SpeakerCaptions } from './speaker-captions.ts';

export interface LiveCaptionsOptions {
  readonly signalUrl: string;
  /** For the room, with the right to subscribe. */
  readonly accessToken: string | (() => Promise<string>);
  readonly tenant: string;
  readonly room: string;
  /** The address media is received on. */
  readonly interfaceAddress: string;
  /** The recogniser's program. */
  readonly recogniser: string;
  /** `host:port` of the gateway's NodeControl and of its first worker's NodeMetadata. */
  readonly control: string;
  readonly metadata: string;
  readonly nodeId: string;
  readonly nodeToken?: string | undefined;
  readonly log: (line: string) => void;
}

export interface LiveCaptionsNode {
  readonly counts: { readonly interims: number; readonly finals: number };
  /** Resolves to why the gateway will not have it in the room any more; never while it is there. */
  readonly ended: Promise<Error>;
  stop(): Promise<void>;
}

/** Joins the room and captions it until `stop()`. Rejects with a `SluiceError` where the gateway does not let it in. */
export async function startLiveCaptionsNode(options: LiveCaptionsOptions): Promise<LiveCaptionsNode> {
  const { tenant, room, nodeId, nodeToken, log } = options;
  const hello = { nodeId, role: NodeRole.inference, models: ['pocketsphinx'], features: ['captions'] };
  const counts = { interims: 0, finals: 0 };
  const recogniser = new Pocketsphinx(options.recogniser);
  const speakers = new Map<string, SpeakerCaptions>();
  const ended = Promise.withResolvers<Error>();

  const metadata = new NodeMetadata({
    address: options.metadata,
    nodeToken,
    hello,
    listener: {
      attached: (address) => log(`publishing to ${address}`),
      detached: (address, reason, retryMs) => log(`${address}: ${reason}; again in ${Math.round(retryMs)} ms`),
      throttled: ({ class: name, dropped }) => log(`throttled: class ${name}, ${dropped} dropped`),
    },
  });
  const control = new NodeControl({
    address: options.control,
    nodeToken,
    hello,
    commands: { advice: () => {}, prewarm: () => {} },
    heartbeat: () => ({ load: 0, sessions: speakers.size, queueDepth: 0 }),
    detached: (reason, retryMs) => log(`${options.control}: ${reason}; again in ${Math.round(retryMs)} ms`),
  });
  const publish = (frame: Frame): void => {
    if (frame.final) counts.finals++;
    else counts.interims++;
    metadata.publish(frame, 'conflate');
  };
  const speakerOf = (identity: string): SpeakerCaptions => {
    const present = speakers.get(identity);
    if (present) return present;
    // No utterance is shorter than half a second, so these are above those of any earlier run.
    const firstSegment = Math.floor(Date.now() / 500);
    const speaker = new SpeakerCaptions({ tenant, room, speaker: identity, firstSegment, recogniser, publish, log });
    speakers.set(identity, speaker);
    log(`listening to ${identity}`);
    return speaker;
  };
  const audio = new RoomAudio({
    signalUrl: options.signalUrl,
    accessToken: options.accessToken,
    room,
    interfaceAddress: options.interfaceAddress,
    packet: (identity, sequence, payload) => speakerOf(identity).packet(sequence, payload),
    restarted: (identity) => speakers.get(identity)?.restart(),
    left: (identity) => {
      speakers.get(identity)?.stop();
      speakers.delete(identity);
    },
    log,
  });
  audio.client.on('state', ({ state, error }) => {
    if (state === 'closed') ended.resolve(error ?? new Error('the gateway closed the session'));
  });
  const stop = async (): Promise<void> => {
    await audio.stop();
    for (const speaker of speakers.values()) speaker.stop();
    recogniser.stop();
    metadata.stop();
    control.stop();
  };
  try {
    await audio.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { counts, ended: ended.promise, stop };
}
