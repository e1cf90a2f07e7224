/** What can be configured, after validation: frozen, complete, every default filled in. */

export interface Listener {
  readonly host: string;
  readonly port: number;
}

/** A listener that browsers connect to. */
export interface ClientListener extends Listener {
  readonly tls: TlsFiles;
}

/** Absolute names of PEM files; both empty: no TLS. */
export interface TlsFiles {
  readonly keyFile: string;
  readonly certFile: string;
}

/** One API key: which tenants its tokens may name and the one algorithm they are signed with. */
export interface ApiKey {
  readonly tenants: readonly string[];
  readonly algorithm: 'HS256' | 'RS256' | 'EdDSA';
  /** HS256 only. */
  readonly secret?: string | undefined;
  /** RS256 and EdDSA: a JWKS file. */
  readonly jwksFile?: string | undefined;
}

export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}

export interface Config {
  readonly gatewayId: string;
  readonly region: string;
  readonly listen: {
    readonly signal: ClientListener; // 127.0.0.1 in demo mode, else 0.0.0.0; port 7480; TLS where files are given
    readonly metadata: ClientListener; // 7481; worker n adds 10·n; TLS likewise
    readonly nodeControl: Listener; // 127.0.0.1:7482
    readonly nodeMetadata: Listener; // 127.0.0.1:7483; worker n adds 10·n
    readonly operator: Listener; // 127.0.0.1:7490
  };
  readonly metadataWorkers: number; // 1
  /** Public URLs given to clients; empty: built from the Host header. `{worker}` stands for the metadata worker. */
  readonly advertise: { readonly signal: string; readonly metadata: string; readonly nodeMetadata: string };
  readonly keys: Readonly<Record<string, ApiKey>>;
  readonly nodeTokens: readonly string[]; // empty: loopback peers need none, others are refused
  readonly origins: readonly string[]; // allowed Origin headers; ['*'] any; requests without Origin pass
  readonly trustedProxies: readonly string[]; // CIDRs
  readonly proxyProtocol: boolean;
  /** `name` says in the audit log who bears it; may be empty. */
  readonly operatorTokens: readonly {
    readonly token: string;
    readonly role: 'viewer' | 'editor';
    readonly name: string;
  }[];
  readonly limits: {
    readonly maxSockets: number; // 50_000 per plane
    readonly signalFrameBytes: number; // 262_144
    readonly metadataFrameBytes: number; // 131_072
    readonly signalRunFrames: number; // 256 per socket and event-loop turn
    readonly signalRunBytes: number; // 524_288
    readonly metadataRunFrames: number; // 2000
    readonly metadataRunBytes: number; // 524_288
    readonly handshakesPerSecondPerAddress: number; // 50; loopback never below 200
    readonly handshakesPerSecondPerTenant: number; // 500
    readonly penaltyMs: number; // 10_000
    readonly unackedBytes: number; // 65_536 per subscriber
    readonly roomLogBytes: number; // 1_048_576
    readonly roomLiveBytes: number; // 4_194_304
    readonly roomKeys: number; // 4096
    readonly sessionsPerRoom: number; // 5000
  };
  readonly heartbeatMs: number; // 15_000
  readonly resumeMs: number; // 10_000
  readonly drainMs: number; // 5_000
  readonly nodeDeadlineMs: number; // 3_000
  readonly controlPriority: 'real-time' | 'raised' | 'ordinary'; // as far as the system permits
  readonly iceServers: readonly IceServer[];
  readonly demo: boolean;
  readonly lan: boolean; // demo mode for other machines too
  /** What the address of the demo page ends in, for those who may use it; empty: who reaches it may. */
  readonly pageSecret: string;
  readonly stateFolder: string; // absolute
}
