/** Which API key signs what the command line signs: flags, then environment, then the demo's, where that may be. */
import { type Command, Option } from 'commander';
import { DEMO_API_KEY, DEMO_SECRET } from '../config/demo-config.ts';
import { CommandFailure } from './command-failure.ts';

export interface CredentialFlags {
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
}

export interface Credentials {
  readonly apiKey: string;
  readonly secret: string;
  /** The published ones of `serve --demo`. */
  readonly demo: boolean;
}

/** Adds `--api-key` and `--api-secret` to a command. */
export function addCredentialOptions(command: Command): Command {
  return command
    .addOption(new Option('--api-key <key>', "API key; the demo's where none is given").env('SLUICE_API_KEY'))
    .addOption(new Option('--api-secret <secret>', 'its secret').env('SLUICE_API_SECRET'));
}

/** The pair to sign with. Throws `CommandFailure` (usage) for half a pair. */
export function credentialsOf(flags: CredentialFlags): Credentials {
  const { apiKey, apiSecret } = flags;
  if (apiKey !== undefined && apiSecret !== undefined) {
    if (apiKey === '') throw new CommandFailure(['--api-key: expected the API key, found nothing'], 2);
    if (apiSecret === '') throw new CommandFailure(['--api-secret: expected the secret, found nothing'], 2);
    return { apiKey, secret: apiSecret, demo: apiKey === DEMO_API_KEY && apiSecret === DEMO_SECRET };
  }
  if (apiSecret !== undefined) {
    throw new CommandFailure(['--api-secret is given without --api-key: expected both, or neither for the demo'], 2);
  }
  if (apiKey !== undefined && apiKey !== DEMO_API_KEY) {
    throw new CommandFailure(['--api-key is given without --api-secret: expected both, or neither for the demo'], 2);
  }
  return { apiKey: DEMO_API_KEY, secret: DEMO_SECRET, demo: true };
}
