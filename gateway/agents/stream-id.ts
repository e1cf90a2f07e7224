/** How an identity is written where SDP has room for a stream's name. */

/** A name as an msid stream identifier: percent-encoded where it has characters that may not stand there. */
export function streamIdOf(identity: string): string {
  const encoded = encodeURIComponent(identity.toWellFormed());
  return encoded.replaceAll('(', '%28').replaceAll(')', '%29') || '-';
}
