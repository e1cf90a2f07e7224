/**
 * The stub SFU: a node that dials the gateway, says yes to everything and answers each offer at once with the same
 * SDP, so that what is measured is the gateway. Runs in a process of its own.
 *
 * Invariant: every command that wants a reply gets exactly one.
 */
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import type { NodeCommand, NodeEvent } from '../schemas/proto.ts';
import { nodeControlService } from '../schemas/services.ts';
import { answerCalls } from './processes/load-process.ts';

/** What the stub SFU is told. */
export interface StubSfuStart {
  readonly address: string;
  readonly nodeId: string;
}

/** What it has done since it started. */
export interface StubSfuReport {
  readonly opened: number;
  readonly closed: number;
  readonly answered: number;
  readonly reconnects: number;
}

const HEARTBEAT_MS = 1000;
const RECONNECT_MS = 200;
/** Takes an offer's place when somebody really looks: the shape and the length of an audio and video answer. */
export const CANNED_ANSWER = cannedAnswer();

/** One attached node. */
export class StubSfu {
  readonly #start: StubSfuStart;
  readonly #client: Client;
  #stream: ClientDuplexStream<NodeEvent, NodeCommand> | null = null;
  #heartbeat: NodeJS.Timeout | null = null;
  #stopped = false;
  #sessions = 0;
  #opened = 0;
  #closed = 0;
  #answered = 0;
  #reconnects = 0;

  constructor(start: StubSfuStart) {
    this.#start = start;
    this.#client = new Client(start.address, credentials.createInsecure());
  }

  /** Attaches; resolves at the gateway's first word. Afterwards attaches again by itself. */
  attach(): Promise<void> {
    return new Promise((resolve) => {
      const { path, requestSerialize, responseDeserialize } = nodeControlService.attach;
      const stream = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
      this.#stream = stream;
      stream.on('data', (command: NodeCommand) => {
        if (command.gateway) resolve();
        else this.#obey(stream, command);
      });
      stream.on('error', () => {});
      stream.on('close', () => this.#lost(resolve));
      const { nodeId } = this.#start;
      stream.write({ hello: { nodeId, role: 0, region: '', capacity: 100_000, models: [], features: [] } });
      this.#heartbeat = setInterval(() => {
        stream.write({ heartbeat: { load: 0.1, sessions: this.#sessions, queueDepth: 0, mediaState: 'ok' } });
      }, HEARTBEAT_MS);
    });
  }

  report(): StubSfuReport {
    const [opened, closed, answered, reconnects] = [this.#opened, this.#closed, this.#answered, this.#reconnects];
    return { opened, closed, answered, reconnects };
  }

  /** Detaches for good. */
  stop(): void {
    this.#stopped = true;
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    this.#stream?.cancel();
    this.#client.close();
  }

  #lost(attached: () => void): void {
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    if (this.#stopped) return;
    this.#reconnects++;
    setTimeout(() => {
      if (!this.#stopped) void this.attach().then(attached);
    }, RECONNECT_MS);
  }

  #obey(stream: ClientDuplexStream<NodeEvent, NodeCommand>, action: NodeCommand): void {
    const command = action.command ?? 0;
    if (action.open) {
      this.#opened++;
      this.#sessions++;
    } else if (action.close) {
      this.#closed++;
      this.#sessions--;
    }
    if (command === 0) return;
    if (!action.offer) {
      stream.write({ reply: { command } });
      return;
    }
    this.#answered++;
    const { session, connection, offerId } = action.offer;
    const answer = { ...(session && { session }), ...(connection && { connection }), ...(offerId && { offerId }) };
    stream.write({ reply: { command, answer: { ...answer, sdp: CANNED_ANSWER } } });
  }
}

function cannedAnswer(): string {
  const media = (kind: string, payload: number, codec: string, mid: number) => [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payload}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    'a=recvonly',
    'a=ice-ufrag:stub',
    'a=ice-pwd:stubstubstubstubstubstub',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => '00').join(':')}`,
    'a=setup:passive',
    'a=rtcp-mux',
    `a=rtpmap:${payload} ${codec}`,
  ];
  const head = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1'];
  const audio = media('audio', 111, 'opus/48000/2', 0);
  return `${[...head, ...audio, ...media('video', 96, 'VP8/90000', 1)].join('\r\n')}\r\n`;
}

/** What the stub SFU's process offers. */
export type StubSfuCalls = {
  attach(start: StubSfuStart): Promise<void>;
  report(nothing: null): StubSfuReport;
};

if (process.argv[1] === import.meta.filename && process.send) {
  let sfu: StubSfu | null = null;
  const calls: StubSfuCalls = {
    attach(start) {
      sfu?.stop();
      sfu = new StubSfu(start);
      return sfu.attach();
    },
    report: () => sfu?.report() ?? { opened: 0, closed: 0, answered: 0, reconnects: 0 },
  };
  answerCalls(calls);
}
