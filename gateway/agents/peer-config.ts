/**
 * How the reference SFU's peer connections are set up: VP8 and Opus, one transport each, host candidates of the addresses
 * that were asked for.
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

/**
 * A werift configuration. Publishers get transport-wide feedback, so that their encoders find the rate. Of one address the
 * sockets are bound to it; of several, separated by commas, to all of this machine, as werift binds every candidate's
 * socket alike: the route back then decides which one an answer comes from.
 */
export function peerConfig(interfaceAddress: string, use: 'publish' | 'subscribe'): RTCPeerConnectionConfig {
  const addresses = interfaceAddress.split(',');
  const bound = interfaceAddress.includes(':') ? { udp6: interfaceAddress } : { udp4: interfaceAddress };
  const extensions = () => (use === 'publish' ? [useSdesMid(), useTransportWideCC()] : [useSdesMid()]);
  return {
    codecs: {
      audio: [useOPUS({ payloadType: 111, parameters: 'minptime=10;useinbandfec=1' })],
      video: [useVP8({ payloadType: 96, rtcpFeedback: [useNACK(), usePLI(), useFIR()] })],
    },
    headerExtensions: { audio: extensions(), video: extensions() },
    bundlePolicy: 'max-bundle',
    iceServers: [],
    // Only what was asked for: werift would otherwise add every interface it finds.
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: addresses,
    ...(addresses.length === 1 && { iceInterfaceAddresses: bound }),
  };
}

/**
 * werift writes port 0 for sections that are inactive, which to the other side means rejected for good, instead of
 * silent for now. Keeps them open.
 */
export function keepInactiveOpen(sdp: string): string {
  return sdp.replace(/^m=(audio|video) 0 /gm, 'm=$1 9 ');
}
