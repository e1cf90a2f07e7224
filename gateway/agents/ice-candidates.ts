/** ICE candidates on their way between werift and the gateway. */
import type { RTCPeerConnection } from 'werift';
import type { CandidateOf } from './node-control.ts';

/**
 * Gives a remote candidate to the connection. Left out, because they cannot help: candidates that are not UDP, and
 * mDNS names, whose owner is found by the checks it sends itself. Rejects when the candidate does not parse.
 */
export async function addRemoteCandidate(connection: RTCPeerConnection, remote: CandidateOf): Promise<void> {
  const candidate = (remote.candidate ?? '').replace(/^a=/, '').trim();
  if (candidate !== '') {
    const [, , transport, , address, , typ, type] = candidate.split(/\s+/);
    if (typ !== 'typ' || !type)
      throw new Error(`expected an ICE candidate, not ${JSON.stringify(candidate.slice(0, 40))}`);
    if (transport?.toLowerCase() !== 'udp' || address?.endsWith('.local')) return;
  }
  await connection.addIceCandidate({
    candidate,
    // Both absent is normal for the end of candidates: it then means all sections.
    ...(remote.sdpMid ? { sdpMid: remote.sdpMid } : {}),
    ...(remote.sdpMLineIndex == null ? {} : { sdpMLineIndex: remote.sdpMLineIndex }),
  });
}

/**
 * Calls `send` for each local candidate found after `described()`: those found before are in the description already.
 * An empty candidate says that no more will come.
 */
export function trickle(connection: RTCPeerConnection, send: (candidate: CandidateOf) => void): () => void {
  let described = false;
  connection.onIceCandidate.subscribe((candidate) => {
    if (!described) return;
    send({
      candidate: candidate?.candidate ?? '',
      sdpMid: candidate?.sdpMid ?? '',
      sdpMLineIndex: candidate?.sdpMLineIndex ?? null,
    });
  });
  return () => {
    described = true;
  };
}
