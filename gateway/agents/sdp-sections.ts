/** The media sections of an SDP, as far as an adapter needs them: which is which, and whose media they carry. */

/** One `m=` section. */
export interface SdpSection {
  readonly mid: string;
  /** `audio`, `video`, `application`. */
  readonly kind: string;
  /** The sender's stream and track out of the msid; empty when it names none. */
  readonly streamId: string;
  readonly trackId: string;
}

/** Reads the sections in order; those without a mid are numbered by their place, as WebRTC does. */
export function sdpSections(sdp: string): SdpSection[] {
  return sectionTexts(sdp).map((text, index) => ({
    mid: /^a=mid:(\S+)/m.exec(text)?.[1] ?? String(index),
    kind: /^m=(\w+)/.exec(text)?.[1] ?? '',
    streamId: /^a=msid:(\S+)/m.exec(text)?.[1] ?? '',
    trackId: /^a=msid:\S+[ ](\S+)/m.exec(text)?.[1] ?? '',
  }));
}

/** The DTLS fingerprints: another set of them is another peer connection. */
export function sdpFingerprints(sdp: string): string {
  const found = [...sdp.matchAll(/^a=fingerprint:(.*\S)/gm)].map((match) => match[1]);
  return [...new Set(found)].sort().join(' ');
}

/** The SDP with every section's media stream called as `streamOf` says by its mid; null leaves it as it is. */
export function nameStreams(sdp: string, streamOf: (mid: string) => string | null): string {
  const texts = sectionTexts(sdp);
  const head = texts.length === 0 ? sdp : sdp.slice(0, sdp.indexOf(texts[0]!));
  const sections = sdpSections(sdp);
  const named = texts.map((text, index) => {
    const { mid, kind, trackId } = sections[index]!;
    const stream = streamOf(mid);
    if (stream === null || (kind !== 'audio' && kind !== 'video')) return text;
    const line = `a=msid:${stream} ${trackId || `${kind}-${mid}`}`;
    const had = /^a=msid:.*$/m;
    const renamed = had.test(text)
      ? text.replace(had, () => line)
      : text.replace(/^(a=mid:.*)$/m, (mid) => `${mid}\r\n${line}`);
    return renamed.replace(/^a=ssrc:(\d+) msid:.*$/gm, (_, ssrc) => `a=ssrc:${ssrc} ${line.slice(2)}`);
  });
  return head + named.join('');
}

function sectionTexts(sdp: string): string[] {
  return sdp.split(/^(?=m=)/m).filter((text) => text.startsWith('m='));
}
