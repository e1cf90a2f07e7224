/**
 * How the reference SFU's peer connections are set up: VP8 and Opus, one transport each, host candidates of one address.
 *
 * Codecs and header extensions are made anew for every connection, because werift writes numbers into them.
 */
import {
  type RTCPeerConnectionConfig,
  useFIR,
  useNACK,
  useOPUS,
  usePLI,
  useSdesMid,
  useTransportWideCC,
  useVP8,
} from 'werift';

export const AUDIO_CLOCK_HZ = 48_000;
export const VIDEO_CLOCK_HZ = 90_000;
export const CODECS = { audio: 'opus', video: 'vp8' } as const;

/** A werift configuration. Publishers get transport-wide feedback, so that their encoders find the rate. */
export function peerConfig(interfaceAddress: string, use: 'publish' | 'subscribe'): RTCPeerConnectionConfig {
  const extensions = () => (use === 'publish' ? [useSdesMid(), useTransportWideCC()] : [useSdesMid()]);
  return {
    codecs: {
      audio: [useOPUS({ payloadType: 111, parameters: 'minptime=10;useinbandfec=1' })],
      video: [useVP8({ payloadType: 96, rtcpFeedback: [useNACK(), usePLI(), useFIR()] })],
    },
    headerExtensions: { audio: extensions(), video: extensions() },
    bundlePolicy: 'max-bundle',
    iceServers: [],
    // Only the address asked for: werift would otherwise add every interface it finds.
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: [interfaceAddress],
    iceInterfaceAddresses: interfaceAddress.includes(':') ? { udp6: interfaceAddress } : { udp4: interfaceAddress },
  };
}

/**
 * werift writes port 0 for sections that are inactive, which to the other side means rejected for good, instead of
 * silent for now. Keeps them open.
 */
export function keepInactiveOpen(sdp: string): string {
  return sdp.replace(/^m=(audio|video) 0 /gm, 'm=$1 9 ');
}
