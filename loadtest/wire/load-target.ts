/** Where a run's gateway is, as every load process is told. */
import type { LoadKey } from '../access-token.ts';

export interface LoadTarget {
  readonly host: string;
  readonly signalPort: number;
  readonly metadataPort: number;
  readonly nodeControlPort: number;
  readonly nodeMetadataPort: number;
  readonly key: LoadKey;
}

/** The `index`-th loopback source address of a group, e.g. 127.0.2.1: handshakes are admitted per address. */
export function loopbackAddress(group: number, index: number, addresses: number): string {
  return `127.0.${group}.${1 + (index % Math.min(addresses, 250))}`;
}

/** Groups of source addresses: nobody shares one with those who misbehave. */
export const AddressGroup = { agents: 1, callers: 2, listeners: 3, handshakes: 4, rude: 5 } as const;
