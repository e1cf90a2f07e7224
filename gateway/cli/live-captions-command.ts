/** `sluice node captions --live`: captions the words spoken in a room, until it is asked to end. */
import { CommandFailure } from './command-failure.ts';
import { type CredentialFlags, credentialsOf } from './credentials.ts';

export interface LiveCaptionsFlags extends CredentialFlags {
  readonly tenant: string;
  readonly room: string;
  readonly signal: string;
  readonly token?: string;
  readonly recogniser: string;
  readonly interfaceAddress: string;
  readonly gatewayControl: string;
  readonly gatewayMetadata: string;
  readonly nodeId?: string;
}

/** What the command that runs it knows of the process. */
export interface LiveCaptionsRun {
  readonly nodeToken: string | undefined;
  readonly log: (line: string) => void;
  /** Resolves when the program is asked to end. */
  readonly asked: () => Promise<void>;
}

/** Runs it. Throws `CommandFailure` where a program is missing or the gateway does not let it in. */
export async function runLiveCaptions(flags: LiveCaptionsFlags, run: LiveCaptionsRun): Promise<void> {
  const { startLiveCaptionsNode } = await import('../agents/live-captions-node.ts');
  const { isInstalled } = await import('../agents/pocketsphinx.ts');
  const { SluiceError } = await import('../client/sluice-error.ts');
  const { callFailure } = await import('./call-failure.ts');
  const { tenant, room, signal, recogniser, interfaceAddress } = flags;
  if (!(await isInstalled(recogniser))) {
    const advice = 'on Debian, apt-get install pocketsphinx pocketsphinx-en-us';
    throw new CommandFailure([`--live needs ${recogniser}, which could not be run: ${advice}`], 1);
  }
  const identity = flags.nodeId ?? `captions-live-${room}`;
  // werift works in the background: what fails there must not end the captions.
  process.on('unhandledRejection', (reason) => run.log(`in the background: ${reason}`));
  try {
    const node = await startLiveCaptionsNode({
      signalUrl: signal,
      accessToken: flags.token ?? (() => mintedToken(flags, identity)),
      ...{ tenant, room, recogniser, interfaceAddress },
      control: flags.gatewayControl,
      metadata: flags.gatewayMetadata,
      nodeId: identity,
      nodeToken: run.nodeToken,
      log: run.log,
    });
    run.log(`captioning ${tenant}/${room} as ${identity}`);
    const ended = await Promise.race([node.ended, run.asked()]);
    await node.stop();
    const { interims, finals } = node.counts;
    process.stdout.write(`captioned ${tenant}/${room}: ${interims} interims, ${finals} finals\n`);
    if (ended) throw ended;
  } catch (error) {
    if (error instanceof SluiceError) throw new CommandFailure([callFailure(error, 'joining the room', signal)], 1);
    throw error;
  }
}

/** For an agent that listens and sends no media. */
async function mintedToken(flags: LiveCaptionsFlags, identity: string): Promise<string> {
  const { apiKey, secret } = credentialsOf(flags);
  const { createAccessToken } = await import('../edge/access-token.ts');
  const { tenant, room } = flags;
  const grants = { canPublish: false, canSubscribe: true };
  return createAccessToken({ apiKey, secret, identity, kind: 'agent', tenant, room, grants });
}
