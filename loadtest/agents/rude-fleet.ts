/**
 * Rude agents: each writes as fast as TCP takes, reads nothing it is told, and when it is cut comes back at once as
 * somebody new. On /v1/metadata they publish captions; on /v1/signal pings, candidates or metadata of a mixed socket.
 *
 * Invariant: every rude agent is either connecting, writing, or waiting for the kernel; it never waits for the gateway.
 */
import { Kind } from '../../schemas/kinds.ts';
import { proto } from '../../schemas/proto.ts';
import { TokenSigner } from '../access-token.ts';
import { monotonicMs, pause } from '../clock.ts';
import { captionText, writeCaption } from '../wire/caption-frame.ts';
import { clientFrame, type FrameSheet, frameSheet } from '../wire/client-frame.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { encodeSignal } from '../wire/signal-message.ts';
import { HandshakeRefused, openWire, type WireSocket } from '../wire/wire-socket.ts';
import { type Flood, FloodCount, type FloodReport } from './flood-report.ts';

/** What a rude agent writes. `captions` go to /v1/metadata, the others to /v1/signal. */
export type RudeFrames = 'captions' | 'pings' | 'candidates' | 'mixed';

export interface RudeStart {
  readonly target: LoadTarget;
  /** Room n belongs to tenant n mod their number, as in the fleet. */
  readonly tenants: readonly string[];
  readonly frames: RudeFrames;
  readonly sockets: number;
  /** How many rooms they are spread over: the rooms of the fleet, `room-0` and on. */
  readonly rooms: number;
  readonly addresses: number;
}

/** Small enough that counting whole sheets is exact enough, large enough that a system call costs nothing. */
const SHEET_BYTES = 65_536;
/** Even a rude agent needs a moment to dial. */
const RETRY_MS = 5;

/** Starts the flood. It has no end of its own. */
export function floodRudely(start: RudeStart): Flood {
  const signer = new TokenSigner(start.target.key);
  const count = new FloodCount(monotonicMs());
  const sockets = new Set<WireSocket>();
  let stopped = false;
  let identities = 0;

  const beRude = async (): Promise<void> => {
    while (!stopped) {
      const number = identities++;
      try {
        await rage(number);
      } catch (error) {
        if (!(error instanceof HandshakeRefused)) throw error;
        count.refuse(error.status);
        await pause(RETRY_MS);
      }
    }
  };

  const rage = async (number: number): Promise<void> => {
    const roomNumber = number % start.rooms;
    const room = `room-${roomNumber}`;
    const tenant = start.tenants[roomNumber % start.tenants.length]!;
    const identity = `rude-${process.pid}-${number}`;
    const agent = start.frames !== 'mixed';
    const accessToken = await signer.sign({ identity, room, tenant, kind: agent ? 'agent' : 'standard' });
    const onMetadata = start.frames === 'captions';
    const sheet = sheetOf(start.frames, identity);
    let closed = () => {};
    const over = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const taken = () => {
      count.writtenFrames += sheet.frames;
      count.writtenBytes += sheet.bytes.length;
    };
    const pour = () => {
      while (!stopped && socket.open) if (!socket.write(sheet.bytes, taken)) return;
    };
    const { host, signalPort, metadataPort } = start.target;
    const socket = await openWire(
      {
        host,
        port: onMetadata ? metadataPort : signalPort,
        path: onMetadata ? '/v1/metadata' : '/v1/signal',
        accessToken,
        localAddress: loopbackAddress(AddressGroup.rude, number, start.addresses),
      },
      {
        message: () => {},
        drained: pour,
        closed: (code) => {
          sockets.delete(socket);
          count.close(code);
          closed();
        },
      },
    );
    count.connections++;
    sockets.add(socket);
    if (stopped) socket.destroy();
    if (!onMetadata) socket.write(clientFrame(encodeSignal(false, 'join', joinFields(start.frames, room))));
    pour();
    await over;
  };

  for (let index = 0; index < start.sockets; index++) void beRude();
  return {
    async stop(): Promise<FloodReport> {
      stopped = true;
      const report = count.report(monotonicMs());
      for (const socket of sockets) socket.destroy();
      await pause(50);
      return { ...report, intendedFrames: report.writtenFrames };
    },
  };
}

function joinFields(frames: RudeFrames, room: string): Record<string, unknown> {
  return { id: 1, room, ...(frames === 'mixed' && { capabilities: ['mixed'] }) };
}

const sheets = new Map<RudeFrames, FrameSheet>();

function sheetOf(frames: RudeFrames, identity: string): FrameSheet {
  // Captions bear the agent's own stream, whose first owner would otherwise be the only one; the rest is nobody's.
  if (frames === 'captions') return captionSheet(identity);
  let sheet = sheets.get(frames);
  if (!sheet) {
    sheet = frameSheet(frames === 'mixed' ? gauges() : signals(frames), SHEET_BYTES);
    sheets.set(frames, sheet);
  }
  return sheet;
}

const CAPTION_SHEETS = 64;
const captionSheets: FrameSheet[] = [];

/** One of a few sheets in turn: building one anew for each connection would make the flood slow. */
function captionSheet(identity: string): FrameSheet {
  if (captionSheets.length < CAPTION_SHEETS) {
    const text = captionText(`${identity}-s`, 40);
    const bytes = new Uint8Array(256);
    const captions = Array.from({ length: 64 }, (_, revision) =>
      bytes.slice(0, writeCaption(bytes, 0, text, 0, revision, false, monotonicMs())),
    );
    captionSheets.push(frameSheet(captions, SHEET_BYTES));
  }
  return captionSheets[Math.floor(Math.random() * captionSheets.length)]!;
}

function signals(frames: RudeFrames): Uint8Array[] {
  return Array.from({ length: 64 }, (_, id) =>
    frames === 'pings'
      ? proto.Frame.encode({ kind: Kind.ping, ping: { id: id + 2, sentMs: 0 } }).finish()
      : proto.Frame.encode({
          kind: Kind.candidate,
          candidate: {
            id: id + 2,
            connection: 'publish',
            candidate: `candidate:${id} 1 udp 2122260223 127.0.0.1 ${20_000 + id} typ host`,
            sdpMid: '0',
          },
        }).finish(),
  );
}

function gauges(): Uint8Array[] {
  return Array.from({ length: 64 }, (_, index) =>
    proto.Frame.encode({ kind: Kind.gauge, gauge: { key: `g${index}`, value: Uint8Array.of(index) } }).finish(),
  );
}
