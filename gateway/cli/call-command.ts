/** `sluice call`: places a real WebRTC call through a gateway and shows how it goes. */
import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Subprotocol } from '../client/frame-encoding.ts';
import { CommandFailure } from './command-failure.ts';
import { addCredentialOptions, type CredentialFlags, credentialsOf } from './credentials.ts';
import { unread } from './output-streams.ts';

interface CallFlags extends CredentialFlags {
  readonly room: string;
  readonly identity?: string;
  readonly signal: string;
  readonly token?: string;
  readonly peer: 'loopback' | 'none';
  readonly seconds: number;
  readonly subprotocol: Subprotocol;
  readonly json?: boolean;
}

const MAX_SECONDS = 24 * 3600;

/** Adds `call` to the program. */
export function addCallCommand(program: Command): void {
  const call = program
    .command('call')
    .description('place a real WebRTC call through a gateway; show its setup stage by stage, and the captions')
    .requiredOption('-r, --room <room>', 'the room to join')
    .option('-i, --identity <identity>', 'who to be; a new name where absent')
    .option('-s, --signal <url>', "the gateway's signalling URL", 'ws://127.0.0.1:7480/v1/signal')
    .option('-t, --token <jwt>', 'the access token to use; made with the API key where absent');
  addCredentialOptions(call)
    .addOption(
      new Option('--peer <which>', 'a second local participant, so that media flows both ways in an empty room')
        .choices(['loopback', 'none'])
        .default('loopback'),
    )
    .option('--seconds <seconds>', 'how long to stay', seconds, 15)
    .addOption(new Option('--subprotocol <which>').choices(['protobuf', 'json']).default('protobuf'))
    .option('--json', 'one JSON object a line')
    .action(placeCall);
}

async function placeCall(flags: CallFlags): Promise<void> {
  const { hostname } = signalUrlOf(flags.signal);
  const { isLoopback } = await import('../config/demo-config.ts');
  const tokens =
    flags.token === undefined ? await mintedTokens(flags, isLoopback(hostname)) : givenToken(flags, flags.token);
  const { runCall } = await import('./call-run.ts');
  await runCall(
    { ...tokens, signalUrl: flags.signal, room: flags.room, seconds: flags.seconds, subprotocol: flags.subprotocol },
    {
      json: flags.json === true,
      unread,
      screen: {
        isTTY: process.stdout.isTTY === true,
        get columns() {
          // A terminal of which nobody knows the width says 0.
          return process.stdout.columns || 80;
        },
        write: (text) => void process.stdout.write(text),
      },
    },
  );
}

interface Tokens {
  readonly identity: string;
  readonly accessToken: string;
  readonly peer: { readonly identity: string; readonly accessToken: string } | null;
}

async function mintedTokens(flags: CallFlags, loopback: boolean): Promise<Tokens> {
  const { apiKey, secret, demo } = credentialsOf(flags);
  if (demo && flags.apiKey === undefined && !loopback) {
    const needed = 'expected --token, or --api-key and --api-secret: the demo key is for a gateway on this machine';
    throw new CommandFailure([needed], 2);
  }
  const { createAccessToken } = await import('../edge/access-token.ts');
  const create = async (identity: string): Promise<string> => {
    try {
      return await createAccessToken({ apiKey, secret, identity, room: flags.room });
    } catch (error) {
      throw new CommandFailure([error instanceof Error ? error.message : String(error)], 2);
    }
  };
  const identity = flags.identity ?? `caller-${randomBytes(2).toString('hex')}`;
  const peerIdentity = `${identity}-echo`;
  return {
    identity,
    accessToken: await create(identity),
    peer: flags.peer === 'none' ? null : { identity: peerIdentity, accessToken: await create(peerIdentity) },
  };
}

/** An access token is for one participant, so there is nobody to be the second. */
function givenToken(flags: CallFlags, accessToken: string): Tokens {
  let identity: unknown;
  try {
    identity = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()).sub;
  } catch {
    throw new CommandFailure(['--token: expected a JWT, as sluice token create prints it'], 2);
  }
  if (flags.identity !== undefined && flags.identity !== identity) {
    throw new CommandFailure([`--identity: the access token is for ${JSON.stringify(identity)}`], 2);
  }
  return { identity: String(identity), accessToken, peer: null };
}

function signalUrlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) {
    throw new CommandFailure([`--signal: expected a URL like ws://127.0.0.1:7480/v1/signal, found ${text}`], 2);
  }
  return url;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0 || value > MAX_SECONDS) {
    throw new InvalidArgumentError(`expected seconds, more than 0 and at most ${MAX_SECONDS}`);
  }
  return value;
}
