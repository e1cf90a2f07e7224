/**
 * The address a client is counted under: the peer's, or what a trusted proxy says of it.
 *
 * Invariants: nothing an untrusted peer writes changes its address; an IPv6 address counts as its /64, because a
 * client has that many; a v4-mapped one counts as IPv4.
 */
import { BlockList, isIP, isIPv4 } from 'node:net';

/** Counted form of a binary address: 4 bytes dotted, 16 bytes as `a:b:c:d::/64`, anything else `unknown`. */
export function countedAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  if (bytes.length !== 16) return 'unknown';
  if (isMapped(bytes)) return `${bytes[12]}.${bytes[13]}.${bytes[14]}.${bytes[15]}`;
  const group = (at: number): string => ((bytes[at]! << 8) | bytes[at + 1]!).toString(16);
  return `${group(0)}:${group(2)}:${group(4)}:${group(6)}::/64`;
}

function isMapped(bytes: Uint8Array): boolean {
  for (let at = 0; at < 10; at += 1) if (bytes[at] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}

/** The bytes of an address as text, with or without port and brackets; null when it is none. */
export function addressBytes(text: string): Uint8Array | null {
  let bare = text.trim();
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(bare);
  if (bracketed) bare = bracketed[1]!;
  else if (/^[\d.]+:\d+$/.test(bare)) bare = bare.slice(0, bare.indexOf(':'));
  const zone = bare.indexOf('%');
  if (zone >= 0) bare = bare.slice(0, zone);
  if (isIPv4(bare)) return Uint8Array.from(bare.split('.'), Number);
  if (isIP(bare) !== 6) return null;
  const dotted = bare.lastIndexOf('.') < 0 ? null : bare.slice(bare.lastIndexOf(':') + 1);
  if (dotted !== null) {
    const [a, b, c, d] = dotted.split('.').map(Number) as [number, number, number, number];
    const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
    bare = bare.slice(0, bare.length - dotted.length) + hex;
  }
  const [head = '', tail] = bare.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right];
  const bytes = new Uint8Array(16);
  groups.forEach((group, index) => {
    const value = Number.parseInt(group, 16);
    bytes[index * 2] = value >> 8;
    bytes[index * 2 + 1] = value & 0xff;
  });
  return bytes;
}

/** Whether a counted address is this machine's own loopback. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '0:0:0:0::/64';
}

/** The proxies whose word is taken. Throws one line naming the entry that is no CIDR. */
export class TrustedProxies {
  readonly #list = new BlockList();
  readonly any: boolean;

  constructor(cidrs: readonly string[]) {
    this.any = cidrs.length > 0;
    for (const cidr of cidrs) {
      const [network = '', prefix] = cidr.split('/');
      const family = isIP(network);
      const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix);
      if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128) || prefix === '') {
        throw new Error(`trustedProxies: expected a CIDR such as 10.0.0.0/8, not "${cidr}"`);
      }
      this.#list.addSubnet(network, bits, family === 4 ? 'ipv4' : 'ipv6');
    }
  }

  /** Whether what this address says of its clients is believed. */
  has(bytes: Uint8Array): boolean {
    if (!this.any) return false;
    if (bytes.length === 16 && isMapped(bytes)) return this.has(bytes.subarray(12));
    if (bytes.length === 4) return this.#list.check(bytes.join('.'), 'ipv4');
    if (bytes.length !== 16) return false;
    const groups: string[] = [];
    for (let at = 0; at < 16; at += 2) groups.push(((bytes[at]! << 8) | bytes[at + 1]!).toString(16));
    return this.#list.check(groups.join(':'), 'ipv6');
  }

  /**
   * The client behind `peer`: the rightmost address in X-Forwarded-For that is no trusted proxy. `forwarded` is that
   * header, several of them joined by commas. What cannot be read ends the walk at the last proxy that is known.
   */
  clientBehind(peer: Uint8Array, forwarded: string): Uint8Array {
    let client = peer;
    const hops = forwarded === '' ? [] : forwarded.split(',');
    while (hops.length > 0 && this.has(client)) {
      const said = addressBytes(hops.pop()!);
      if (said === null) break;
      client = said;
    }
    return client;
  }
}
