/** How an identity is written where SDP has room for a stream's name. */

/** A name as an msid stream identifier: percent-encoded where it has characters that may not stand there. */
export function streamIdOf(identity: string): string {
  const encoded = encodeURIComponent(identity.toWellFormed());
  return encoded.replaceAll('(', '%28').replaceAll(')', '%29') || '-';
}

/** The identity a stream's name stands for; the name itself where it was not made by `streamIdOf`. */
export function identityOf(streamId: string): string {
  try {
    return decodeURIComponent(streamId);
  } catch {
    return streamId;
  }
}
