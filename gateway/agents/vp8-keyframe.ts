/** Finds where VP8 keyframes begin in RTP payloads (RFC 7741, section 4.2 and 4.3). */

/**
 * Whether the RTP payload is the first packet of a VP8 keyframe: the descriptor's S bit set, partition 0, and the P bit
 * of the frame's first byte clear. False for payloads cut short.
 */
export function startsVp8Keyframe(payload: Uint8Array): boolean {
  const first = payload[0];
  if (first === undefined || (first & 0x10) === 0 || (first & 0x0f) !== 0) return false;
  let at = 1;
  if (first & 0x80) {
    const extensions = payload[at++];
    if (extensions === undefined) return false;
    if (extensions & 0x80) at += (payload[at] ?? 0) & 0x80 ? 2 : 1;
    if (extensions & 0x40) at++;
    if (extensions & 0x30) at++;
  }
  const frame = payload[at];
  return frame !== undefined && (frame & 0x01) === 0;
}
