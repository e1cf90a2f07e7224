/**
 * One direction of a call's media: a peer connection, and the candidates that have to wait for its descriptions.
 *
 * Invariant: no candidate is sent before the other side can know what it belongs to, none is added before ours does.
 */
import type { CandidateEvent, IceServerInfo } from '../client-types.ts';

export class CallSide {
  readonly connection: RTCPeerConnection;
  readonly #send: (event: CandidateEvent) => void;
  #early: CandidateEvent[] = [];
  #unsent: CandidateEvent[] = [];
  #described = false;

  constructor(name: string, iceServers: readonly IceServerInfo[], send: (event: CandidateEvent) => void) {
    this.#send = send;
    this.connection = new RTCPeerConnection({
      iceServers: iceServers.map((server) => ({ ...server, urls: [...server.urls] })),
    });
    this.connection.addEventListener('icecandidate', ({ candidate: found }) => {
      const event = {
        connection: name,
        candidate: found?.candidate ?? '',
        sdpMid: found?.sdpMid ?? '',
        sdpMLineIndex: found?.sdpMLineIndex ?? undefined,
      };
      if (this.#described) send(event);
      else this.#unsent.push(event);
    });
  }

  /** Takes the other side's description, and what waited for it. */
  async describe(type: RTCSdpType, sdp: string): Promise<void> {
    await this.connection.setRemoteDescription({ type, sdp });
    this.#described = true;
    for (const unsent of this.#unsent.splice(0)) this.#send(unsent);
    for (const early of this.#early.splice(0)) await this.add(early);
  }

  /** Takes a candidate of the other side. */
  async add(event: CandidateEvent): Promise<void> {
    if (!this.#described) this.#early.push(event);
    else if (event.candidate !== '') {
      const { candidate, sdpMid, sdpMLineIndex } = event;
      await this.connection.addIceCandidate({ candidate, sdpMid, sdpMLineIndex: sdpMLineIndex ?? null });
    }
  }
}
