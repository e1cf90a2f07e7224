/**
 * The one source of what may be configured: shape, limits, defaults and what each field is for. The type `Config`, the
 * JSON Schema, the names of environment variables and the commented defaults all agree with it.
 */
import { z } from 'zod';
import type { Config } from './config.ts';

const port = () => z.int().min(0).max(65_535);
const count = (fallback: number) => z.int().min(1).default(fallback);
const milliseconds = (fallback: number) => z.int().min(0).max(3_600_000).default(fallback);

const listener = (host: string, defaultPort: number, about: string) =>
  z
    .strictObject({
      host: z.string().min(1).default(host).describe('address to bind'),
      port: port().default(defaultPort).describe('0: any free port'),
    })
    .prefault({})
    .describe(about);

const clientListener = (host: string, defaultPort: number, about: string) =>
  z
    .strictObject({
      host: z.string().min(1).default(host).describe('address to bind'),
      port: port().default(defaultPort).describe('0: any free port'),
      tls: z
        .strictObject({
          keyFile: z.string().default('').describe('private key, PEM; relative to this file; empty: no TLS'),
          certFile: z.string().default('').describe('certificate with its chain, PEM; likewise'),
        })
        .prefault({})
        .describe('serve wss:// and https:// instead of ws:// and http://'),
    })
    .prefault({})
    .describe(about);

const apiKey = z
  .strictObject({
    tenants: z
      .array(z.string().min(1))
      .min(1)
      .describe('tenants that tokens of this key may name; the first is assumed'),
    algorithm: z.enum(['HS256', 'RS256', 'EdDSA']).default('HS256').describe('the one algorithm that is accepted'),
    secret: z.string().min(32).optional().describe('HS256 only; at least 32 characters'),
    jwksFile: z.string().min(1).optional().describe('RS256 and EdDSA only; relative to this file'),
  })
  .superRefine((key, context) => {
    const needed = key.algorithm === 'HS256' ? 'secret' : 'jwksFile';
    const other = key.algorithm === 'HS256' ? 'jwksFile' : 'secret';
    if (key[needed] === undefined) {
      context.addIssue({
        code: 'custom',
        path: [needed],
        message: `expected, because the algorithm is ${key.algorithm}`,
      });
    }
    if (key[other] !== undefined) {
      context.addIssue({ code: 'custom', path: [other], message: `means nothing for the algorithm ${key.algorithm}` });
    }
  });

const iceServer = z.strictObject({
  urls: z.array(z.string().regex(/^(stun|stuns|turn|turns):/, 'expected a stun:, turn: or turns: URL')).min(1),
  username: z.string().optional(),
  credential: z.string().optional(),
});

const limits = z
  .strictObject({
    maxSockets: count(50_000).describe('open sockets per plane'),
    signalFrameBytes: count(262_144).describe('largest message on /v1/signal'),
    metadataFrameBytes: count(131_072).describe('largest message on /v1/metadata'),
    signalRunFrames: count(256).describe('frames one signal socket may deliver in one turn of the event loop'),
    signalRunBytes: count(524_288).describe('bytes, likewise'),
    metadataRunFrames: count(2000).describe('frames one metadata socket may deliver in one turn of the event loop'),
    metadataRunBytes: count(524_288).describe('bytes, likewise'),
    handshakesPerSecondPerAddress: count(50).describe('per address (IPv6: per /64); loopback never below 200'),
    handshakesPerSecondPerTenant: count(500),
    penaltyMs: milliseconds(10_000).describe('how long a cut flooder is refused at the handshake'),
    unackedBytes: count(65_536).describe('metadata a subscriber may have unacknowledged'),
    roomLogBytes: count(1_048_576).describe('events kept per room for those who resume'),
    roomLiveBytes: count(4_194_304).describe('text and values that may still change, kept per room'),
    roomKeys: count(4096).describe('current values kept per room'),
    sessionsPerRoom: count(5000),
  })
  .prefault({})
  .describe('what one client, room or plane may take');

/** Validates what was read from file, environment and flags, and fills in every default. */
export const configSchema = z.strictObject({
  gatewayId: z.string().max(64).default('').describe('name of this gateway; empty: the host name'),
  region: z.string().min(1).default('local').describe('where this gateway is; nodes of the same region come first'),
  listen: z
    .strictObject({
      signal: clientListener('0.0.0.0', 7480, 'clients: call signalling'),
      metadata: clientListener('0.0.0.0', 7481, 'clients and agents: AI metadata; worker n adds 10·n to the port'),
      nodeControl: listener('127.0.0.1', 7482, 'nodes: gRPC NodeControl'),
      nodeMetadata: listener('127.0.0.1', 7483, 'nodes: gRPC NodeMetadata; worker n adds 10·n to the port'),
      operator: listener('127.0.0.1', 7490, 'operators: metrics, health, status'),
    })
    .prefault({})
    .describe('where the gateway listens; in demo mode loopback only, with lan for clients everywhere'),
  metadataWorkers: z.int().min(1).max(64).default(1).describe('processes that share the rooms of the metadata plane'),
  advertise: z
    .strictObject({
      signal: z.string().default(''),
      metadata: z.string().default('').describe('{worker} stands for the number of the metadata worker'),
      nodeMetadata: z.string().default('').describe('{worker} likewise'),
    })
    .prefault({})
    .describe('public URLs given to clients and nodes; empty: built from the Host header'),
  keys: z.record(z.string().min(1), apiKey).default({}).describe('API keys by name: who may sign access tokens'),
  nodeTokens: z.array(z.string().min(16)).default([]).describe('tokens of nodes; empty: loopback peers only'),
  origins: z
    .array(z.string().min(1))
    .default([])
    .describe("allowed Origin headers, ['*'] for any; none is sent by non-browsers"),
  trustedProxies: z
    .array(z.union([z.cidrv4(), z.cidrv6()], 'expected a network like 10.0.0.0/8'))
    .default([])
    .describe('networks whose X-Forwarded-For is believed'),
  proxyProtocol: z.boolean().default(false).describe('expect PROXY v2 on the client listeners'),
  operatorTokens: z
    .array(
      z.strictObject({
        token: z.string().min(16),
        role: z.enum(['viewer', 'editor']),
        name: z.string().max(64).default('').describe('who bears it, for the audit log'),
      }),
    )
    .default([])
    .describe('bearer tokens of operators; empty: loopback peers only'),
  limits,
  heartbeatMs: z.int().min(1000).max(600_000).default(15_000).describe('how often an idle socket is pinged'),
  resumeMs: milliseconds(10_000).describe('how long a lost session may come back'),
  drainMs: milliseconds(5000).describe('how long sessions have to leave at shutdown'),
  nodeDeadlineMs: z.int().min(1).max(60_000).default(3000).describe('how long a node may take to answer a command'),
  controlPriority: z
    .enum(['real-time', 'raised', 'ordinary'])
    .default('real-time')
    .describe(
      'of the control plane, as far as the system permits: before all others, nice -5, or like any other process',
    ),
  iceServers: z.array(iceServer).default([]).describe('given to clients'),
  demo: z.boolean().default(false).describe('a public API key on loopback, for trying things out'),
  lan: z
    .boolean()
    .default(false)
    .describe('with demo: for other machines of the network, over TLS, with generated secrets'),
  pageSecret: z
    .union([z.literal(''), z.string().min(16)], 'expected at least 16 characters')
    .default('')
    .describe("with demo: what the address of the demo's page must end in; empty: with lan one is generated"),
  stateFolder: z
    .string()
    .default('')
    .describe("what outlives a restart, such as the demo's certificate; empty: sluice in the user's state folder"),
});

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Holds by compilation: the schema yields exactly what `Config` promises, no field more or less. */
export const SCHEMA_YIELDS_CONFIG: Same<DeepReadonly<z.output<typeof configSchema>>, DeepReadonly<Config>> = true;

/** The JSON Schema of a configuration file, for editors and validators. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12' });
}
