/**
 * Reads a client's SDP before werift is given it, so that a bad one is refused while nothing has changed yet.
 *
 * Invariant: what passes has for every section a mid, ICE credentials and a fingerprint, and for every audio or video
 * section a codec the SFU forwards.
 */
import { SessionDescription } from 'werift';
import { CommandError } from './node-control.ts';
import { CODECS } from './peer-config.ts';

/** One audio or video section of a description. */
export interface MediaSection {
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  /** Whether whoever wrote the SDP means to send in it. */
  readonly sends: boolean;
  /** The sender's track id out of the msid; empty when it names none. */
  readonly trackId: string;
}

const MAX_SDP_BYTES = 131_072;
const MAX_SECTIONS = 128;

/** The media sections of an SDP. Throws a `CommandError` with reason bad_sdp that says what was expected. */
export function readDescription(sdp: string): MediaSection[] {
  if (sdp.length > MAX_SDP_BYTES) throw bad(`expected at most ${MAX_SDP_BYTES} bytes`);
  if (!sdp.startsWith('v=0')) throw bad('expected it to begin with v=0');
  const description = parse(sdp);
  if (description.media.length === 0) throw bad('expected at least one m= section');
  if (description.media.length > MAX_SECTIONS) throw bad(`expected at most ${MAX_SECTIONS} m= sections`);
  const mids = new Set<string>();
  const sections: MediaSection[] = [];
  for (const media of description.media) {
    const mid = media.rtp.muxId;
    if (!mid) throw bad('expected every m= section to have a=mid');
    if (mids.has(mid)) throw bad(`expected every a=mid once, but ${mid} comes again`);
    mids.add(mid);
    if (!media.iceParams?.usernameFragment || !media.iceParams.password)
      throw bad('expected a=ice-ufrag and a=ice-pwd');
    if (!media.dtlsParams?.fingerprints.length) throw bad('expected a=fingerprint');
    const { kind } = media;
    if (kind === 'application') continue;
    if (kind !== 'audio' && kind !== 'video') throw bad(`expected audio or video, not ${kind}`);
    const wanted = CODECS[kind];
    if (!media.rtp.codecs.some((codec) => codec.name.toLowerCase() === wanted)) {
      throw bad(`expected ${wanted} among the codecs of ${kind} section ${mid}`);
    }
    const sends = media.port !== 0 && (media.direction === 'sendonly' || media.direction === 'sendrecv');
    sections.push({ mid, kind, sends, trackId: media.msids[0]?.split(' ')[1] ?? '' });
  }
  return sections;
}

function parse(sdp: string): SessionDescription {
  try {
    return SessionDescription.parse(sdp);
  } catch (error) {
    throw bad(error instanceof Error ? error.message : String(error));
  }
}

/** A refusal of an SDP. */
export function bad(message: string): CommandError {
  return new CommandError('bad_sdp', `bad SDP: ${message}`);
}
