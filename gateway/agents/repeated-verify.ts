/**
 * Keeps a DTLS handshake of werift's alive on a busy machine.
 *
 * Its client sends the ClientHello again after 500 ms. A server that was merely slow then answers twice, and the second
 * HelloVerifyRequest, an ordinary event by RFC 6347 (4.2.1), makes the client give the handshake up. It is left out.
 */
import type { RTCPeerConnection } from 'werift';

const HELLO_VERIFY_REQUEST = 3;
/** The client's second flight, which the first HelloVerifyRequest begins. */
const FLIGHT_WITH_COOKIE = 3;

/** Watches the transports the connection has by now. To be called once, before they begin to connect. */
export function ignoreRepeatedVerify(connection: RTCPeerConnection): void {
  for (const transport of connection.dtlsTransports) {
    transport.onStateChange.subscribe((state) => {
      // The socket is made in the same turn, right after this state.
      if (state === 'connecting') queueMicrotask(() => filter(transport.dtls));
    });
  }
}

function filter(socket: RTCPeerConnection['dtlsTransports'][number]['dtls']): void {
  if (!socket) return;
  const take = socket.onHandleHandshakes;
  socket.onHandleHandshakes = (handshakes) => {
    const cookieSent = socket.dtls.flight >= FLIGHT_WITH_COOKIE;
    return take(handshakes.filter(({ msg_type }) => !(cookieSent && msg_type === HELLO_VERIFY_REQUEST)));
  };
}
