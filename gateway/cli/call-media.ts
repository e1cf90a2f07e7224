/**
 * What `sluice call` sends: a tone and a picture, encoded once and kept here, so that a call needs no encoder.
 *
 * The tone is 440 Hz in five Opus frames of 20 ms, 44 whole cycles, so that they can be repeated without a click. The
 * picture is one VP8 keyframe of 96 × 64: every frame sent is a keyframe, so whoever joins late sees it at once.
 */
import { type MediaStreamTrack, RtpHeader, RtpPacket } from 'werift';

const OPUS_TONE = [
  '2KyqEBganxobrBdE4zfc/1oX6M9ZRYNS6d4Du7VDm83Rkj3aI6C+VZgvg291fdqwPpZroWIkedyacAElnbB6E/t9Th33SMbw3W7uu1N3aWGu',
  '2LBNxdg7Q/+LcISdvX0CeZVRXyVOw0BqHAZ3kdKGS/Guhr5vIUg+aMLp5OYPvk7quIHd441hnXi/9eWlcrqxRIRzT+ek1ZZ5ILzHmaS95fOu',
  '2K1twZKcbIAaHv0CPhFixdGKrBVrP9p+E7+GklWSRHQuI4HeefXOv2WdFC5SGv1FBY6Ra942rC2koiDDqV11Exoiu5ZYXNuC9h5opN7XbuWu',
  '2KyqcisNXp/jlF2k5ypaiIL5PnZP/fodWj1kgO3q5WXoAsTgsRzPaNNVJqM4zXDEz9iy51kmGfqYLshcPYkQ9D5pQ4XH6g+8uB7u6GY6Kgeu',
  '2K1mBGARLH13sMeiQ1fd93KE0kA0p9mUNTZTKRqQdvwf3pgIKX328PTkmZ6IJQdBxYdTowTUalGUikA7Xtbe7/u9ZEGPBBPZBk5QD6GSrcmu',
].map((text) => Buffer.from(text, 'base64'));

/** Begins a VP8 frame and is its whole first partition: RFC 7741, S set, no extensions. */
const VP8_DESCRIPTOR = 0x10;
const VP8_PICTURE = Buffer.concat([
  Buffer.from([VP8_DESCRIPTOR]),
  Buffer.from(
    'cAUAnQEqYABAADkDAAAcIhYWImYSIASQQywXwD+gMj7TQP4Agip+VcgtaGFDFIpGIRsYMAD+/C13//uyf7ZP9sn/vGf//hynw5T4cp/w5T/sOPHkWLbmnJ9di25r4A==',
    'base64',
  ),
]);

const AUDIO_FRAME_MS = 20;
const AUDIO_CLOCK_PER_MS = 48;
const VIDEO_FRAME_MS = 66;
const VIDEO_CLOCK_PER_MS = 90;
const MAX_CATCH_UP_FRAMES = 10;

/** How often and how much of a medium is sent. */
interface Medium {
  readonly frameMs: number;
  readonly clockPerMs: number;
  frame(number: number): Buffer;
  /** Whether a packet ends a picture. */
  readonly marker: boolean;
}

const AUDIO: Medium = {
  frameMs: AUDIO_FRAME_MS,
  clockPerMs: AUDIO_CLOCK_PER_MS,
  frame: (number) => OPUS_TONE[number % OPUS_TONE.length]!,
  marker: false,
};
const VIDEO: Medium = {
  frameMs: VIDEO_FRAME_MS,
  clockPerMs: VIDEO_CLOCK_PER_MS,
  frame: () => VP8_PICTURE,
  marker: true,
};

/** Writes the tone or the picture into a track until stopped; `sent` is called for every packet. Returns the stop. */
export function sendMedia(track: MediaStreamTrack, sent: () => void): () => void {
  const medium = track.kind === 'audio' ? AUDIO : VIDEO;
  const sinceMs = performance.now();
  let number = 0;
  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - sinceMs) / medium.frameMs) + 1;
    // After a standstill the frames in between are left out, as a live source would.
    number = Math.max(number, due - MAX_CATCH_UP_FRAMES);
    for (; number < due; number++) {
      const header = new RtpHeader({
        sequenceNumber: number & 0xffff,
        timestamp: (number * medium.frameMs * medium.clockPerMs) >>> 0,
        marker: medium.marker,
        payloadType: 0,
        ssrc: 1,
      });
      track.writeRtp(new RtpPacket(header, medium.frame(number)));
      sent();
    }
  }, medium.frameMs);
  return () => clearInterval(timer);
}
