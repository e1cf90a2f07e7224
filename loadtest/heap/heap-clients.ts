/** How the clients of the heap's benchmark connect and what they say, as short as that can be. */
import { Kind } from '../../schemas/kinds.ts';
import { type Frame, proto } from '../../schemas/proto.ts';
import { TokenSigner } from '../access-token.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { decodeSignal, encodeSignal } from '../wire/signal-message.ts';
import { openWire, type WireSocket } from '../wire/wire-socket.ts';

const ADDRESSES = 200;

/** Who somebody is. */
export interface HeapIdentity {
  readonly identity: string;
  readonly tenant: string;
  readonly room: string;
  readonly agent: boolean;
}

export class HeapClients {
  readonly #target: LoadTarget;
  readonly #signer: TokenSigner;
  #opened = 0;

  constructor(target: LoadTarget) {
    this.#target = target;
    this.#signer = new TokenSigner(target.key);
  }

  /** What another library needs to connect. */
  async address(who: HeapIdentity): Promise<{ readonly url: string; readonly accessToken: string }> {
    const { host, metadataPort } = this.#target;
    return { url: `ws://${host}:${metadataPort}/v1/metadata`, accessToken: await this.#token(who) };
  }

  /** A socket whose client acknowledges what it receives; `lost` is called once it is gone. */
  async open(who: HeapIdentity, lost: () => void = () => {}): Promise<WireSocket> {
    const { host, metadataPort: port } = this.#target;
    const localAddress = loopbackAddress(AddressGroup.agents, this.#opened++, ADDRESSES);
    let socket: WireSocket | null = null;
    const listener = {
      message: (bytes: Uint8Array, start: number, end: number) => {
        if (bytes[start + 1] !== Kind.batch) return;
        const { fields } = decodeSignal(false, bytes.subarray(start, end));
        socket?.write(clientFrame(encodeSignal(false, 'ack', { upTo: Number(fields.number ?? 0) })));
      },
      closed: lost,
    };
    const accessToken = await this.#token(who);
    socket = await openWire({ host, port, path: '/v1/metadata', accessToken, localAddress }, listener);
    return socket;
  }

  #token({ identity, tenant, room, agent }: HeapIdentity): Promise<string> {
    return this.#signer.sign({ identity, tenant, room, kind: agent ? 'agent' : 'standard' });
  }
}

/** Says one frame. */
export function say(socket: WireSocket, frame: Frame): void {
  socket.write(clientFrame(proto.Frame.encode(frame).finish()));
}
