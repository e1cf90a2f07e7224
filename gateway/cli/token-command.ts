/** `sluice token create`: an access token for people who have no token server yet. */
import { type Command, InvalidArgumentError } from 'commander';
import { CommandFailure } from './command-failure.ts';
import { addCredentialOptions, type CredentialFlags, credentialsOf } from './credentials.ts';

interface TokenFlags extends CredentialFlags {
  readonly identity: string;
  readonly room?: string;
  readonly name?: string;
  readonly tenant?: string;
  readonly region?: string;
  readonly classes?: readonly string[];
  readonly agent?: boolean;
  readonly ttl: number;
  readonly join: boolean;
  readonly publish: boolean;
  readonly subscribe: boolean;
  readonly publishData: boolean;
  readonly hidden?: boolean;
  readonly verbose?: boolean;
}

const MAX_TTL_SECONDS = 10 * 365 * 24 * 3600;

/** Adds `token create` to the program. Standard output gets the JWT and nothing else. */
export function addTokenCommand(program: Command): void {
  const token = program.command('token').description('create access tokens');
  const create = token
    .command('create')
    .description('print an access token (JWT) for one participant')
    .requiredOption('-i, --identity <identity>', 'who it is for, unique within a room')
    .option('-r, --room <room>', 'the only room it is for; any room where absent')
    .option('--name <name>', 'what others see')
    .option('--agent', 'an AI agent: may publish every kind of metadata')
    .option('--tenant <tenant>', 'needed where the API key has several')
    .option('--region <region>', 'where the client is')
    .option('--classes <list>', 'the only traffic classes it may use, separated by commas', words)
    .option('--ttl <seconds>', 'how long it is valid', seconds, 3600)
    .option('--no-join', 'may not join a room')
    .option('--no-publish', 'may not publish media')
    .option('--no-subscribe', 'may not receive media and metadata')
    .option('--no-publish-data', 'may not publish metadata')
    .option('--hidden', 'others do not see it');
  addCredentialOptions(create).option('-v, --verbose', 'say on standard error what is in it').action(createToken);
}

async function createToken(flags: TokenFlags): Promise<void> {
  const credentials = credentialsOf(flags);
  const { createAccessToken } = await import('../edge/access-token.ts');
  const denied = {
    ...(flags.join ? {} : { roomJoin: false }),
    ...(flags.publish ? {} : { canPublish: false }),
    ...(flags.subscribe ? {} : { canSubscribe: false }),
    ...(flags.publishData ? {} : { canPublishData: false }),
    ...(flags.hidden ? { hidden: true } : {}),
  };
  let jwt: string;
  try {
    jwt = await createAccessToken({
      apiKey: credentials.apiKey,
      secret: credentials.secret,
      identity: flags.identity,
      name: flags.name,
      room: flags.room,
      kind: flags.agent ? 'agent' : undefined,
      tenant: flags.tenant,
      region: flags.region,
      classes: flags.classes,
      ttlSeconds: flags.ttl,
      grants: denied,
    });
  } catch (error) {
    throw new CommandFailure([error instanceof Error ? error.message : String(error)], 2);
  }
  if (flags.verbose)
    process.stderr.write(`${details(flags, credentials.apiKey, credentials.demo, denied).join('\n')}\n`);
  process.stdout.write(`${jwt}\n`);
}

function details(flags: TokenFlags, apiKey: string, demo: boolean, denied: object): string[] {
  const until = new Date(Date.now() + flags.ttl * 1000).toISOString().replace(/\.\d+Z/, 'Z');
  const rights = Object.entries(denied).map(([name, value]) => `${name}: ${value}`);
  return [
    `identity  ${flags.identity}${flags.agent ? ' (agent)' : ''}`,
    `room      ${flags.room ?? 'any'}`,
    `tenant    ${flags.tenant ?? "the API key's"}`,
    `rights    ${rights.length > 0 ? rights.join(', ') : 'all'}`,
    `until     ${until}`,
    `signed    ${apiKey}${demo ? ' (only a gateway started with --demo accepts it)' : ''}`,
  ];
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > MAX_TTL_SECONDS) {
    throw new InvalidArgumentError(`expected whole seconds from 1 to ${MAX_TTL_SECONDS}`);
  }
  return value;
}

function words(text: string): readonly string[] {
  const list = text.split(',').map((word) => word.trim());
  if (list.includes('')) throw new InvalidArgumentError('expected names of classes, separated by commas');
  return list;
}
