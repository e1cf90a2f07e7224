/**
 * What this participant sends: camera and microphone where that was chosen and is permitted, else a picture that moves
 * and a soft tone now and then.
 *
 * Invariant: `stop` ends every device, timer and audio graph.
 */

const WIDTH = 320;
const HEIGHT = 240;
const FRAME_MS = 66;
const TONE_EVERY_S = 2;

export interface OwnMedia {
  readonly stream: MediaStream;
  /** Why the picture is generated although the camera was asked for; empty where it is not. */
  readonly excuse: string;
  stop(): void;
}

/** Media to send. Never rejects: what is not permitted is generated. */
export async function ownMedia(name: string, camera: boolean): Promise<OwnMedia> {
  if (!camera) return generated(name, '');
  try {
    const video = { width: WIDTH * 2, height: HEIGHT * 2, frameRate: 24 };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
    const stop = () => {
      for (const track of stream.getTracks()) track.stop();
    };
    return { stream, excuse: '', stop };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return generated(name, `The camera cannot be used (${why}), so the picture is generated.`);
  }
}

function generated(name: string, excuse: string): OwnMedia {
  const seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const paint = canvas.getContext('2d');
  const draw = () => paint && drawPicture(paint, name, seed, performance.now() / 1000);
  draw();
  const timer = setInterval(draw, FRAME_MS);
  const stream = canvas.captureStream(1000 / FRAME_MS);
  const audio = new AudioContext();
  const stopTone = playTone(audio, 220 + seed, stream);
  const stop = () => {
    clearInterval(timer);
    stopTone();
    for (const track of stream.getTracks()) track.stop();
    void audio.close();
  };
  return { stream, excuse, stop };
}

/** A face that looks about before a drifting sky; the seconds in the corner show that it is live. */
function drawPicture(paint: CanvasRenderingContext2D, name: string, hue: number, seconds: number): void {
  const sky = paint.createLinearGradient(0, 0, WIDTH, HEIGHT);
  sky.addColorStop(0, `hsl(${hue} 55% 42%)`);
  sky.addColorStop(1, `hsl(${(hue + 50) % 360} 60% 26%)`);
  paint.fillStyle = sky;
  paint.fillRect(0, 0, WIDTH, HEIGHT);
  paint.fillStyle = 'rgb(255 255 255 / 12%)';
  for (let ring = 0; ring < 4; ring++) {
    const phase = seconds * 0.4 + ring * 1.7;
    disc(paint, WIDTH * (0.5 + 0.55 * Math.sin(phase)), HEIGHT * (0.5 + 0.5 * Math.cos(phase * 0.8)), 26 + 16 * ring);
  }
  const sway = 10 * Math.sin(seconds * 1.1);
  paint.fillStyle = `hsl(${(hue + 25) % 360} 70% 82%)`;
  disc(paint, WIDTH / 2 + sway, HEIGHT / 2, 62);
  paint.fillStyle = '#16202a';
  const eyes = seconds % 4 < 0.15 ? 1 : 8;
  for (const side of [-22, 22]) {
    paint.beginPath();
    paint.ellipse(WIDTH / 2 + side + 1.5 * sway, HEIGHT / 2 - 12, 6, eyes, 0, 0, 2 * Math.PI);
    paint.fill();
  }
  paint.beginPath();
  paint.ellipse(
    WIDTH / 2 + 1.3 * sway,
    HEIGHT / 2 + 24,
    18,
    4 + 7 * Math.abs(Math.sin(seconds * 5)),
    0,
    0,
    2 * Math.PI,
  );
  paint.fill();
  paint.fillStyle = '#fff';
  paint.font = '600 15px system-ui, sans-serif';
  paint.textAlign = 'right';
  paint.fillText(`${name}  ${new Date().toLocaleTimeString()}`, WIDTH - 12, 24);
}

function disc(paint: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  paint.beginPath();
  paint.arc(x, y, radius, 0, 2 * Math.PI);
  paint.fill();
}

/** Adds a track with a short note every two seconds; returns what ends it. */
function playTone(audio: AudioContext, hertz: number, stream: MediaStream): () => void {
  const tone = new OscillatorNode(audio, { frequency: hertz });
  const volume = new GainNode(audio, { gain: 0 });
  const sink = audio.createMediaStreamDestination();
  tone.connect(volume).connect(sink);
  tone.start();
  const note = () => {
    const { currentTime } = audio;
    volume.gain.setTargetAtTime(0.08, currentTime, 0.02);
    volume.gain.setTargetAtTime(0, currentTime + 0.2, 0.1);
  };
  note();
  const timer = setInterval(note, TONE_EVERY_S * 1000);
  for (const track of sink.stream.getTracks()) stream.addTrack(track);
  return () => {
    clearInterval(timer);
    tone.stop();
  };
}
