/**
 * What demo mode fills in: an API key everyone knows, and therefore loopback only; with `lan`, secrets that only this run
 * knows, and all addresses.
 */
import { randomBytes } from 'node:crypto';

/** The API key of demo mode. */
export const DEMO_API_KEY = 'devkey';
/** Its secret. Published, so it is refused outside demo mode. */
export const DEMO_SECRET = 'sluice-development-secret-0123456789';
/** The only tenant of demo mode. */
export const DEMO_TENANT = 'demo';
/** The room the demo's nodes are in. */
export const DEMO_ROOM = 'demo';

/** Whether an address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Puts the demo's defaults under what was configured. `values` is changed in place; not validated yet. */
export function fillInDemo(values: Record<string, unknown>): void {
  const lan = values.lan === true;
  const listen = groupAt(values, 'listen');
  for (const name of ['signal', 'metadata']) {
    const listener = listen && groupAt(listen, name);
    if (listener) listener.host ??= lan ? '0.0.0.0' : '127.0.0.1';
  }
  values.origins ??= ['*'];
  const keys = groupAt(values, 'keys');
  const secret = lan ? generated() : DEMO_SECRET;
  if (keys) keys[DEMO_API_KEY] ??= { tenants: [DEMO_TENANT], algorithm: 'HS256', secret };
  if (!lan) return;
  values.nodeTokens ??= [generated()];
  // Not `??=`: empty means that one is wanted.
  values.pageSecret ||= generatedForTyping();
  const limits = groupAt(values, 'limits');
  // A page is some sixty files, and each of its tabs places a call a second.
  if (limits) limits.handshakesPerSecondPerAddress ??= 200;
}

function generated(): string {
  return randomBytes(32).toString('base64url');
}

/** 80 bits in characters that are not mistaken for each other, as somebody may have to type them on a phone. */
function generatedForTyping(): string {
  return Array.from(randomBytes(16), (byte) => 'abcdefghijkmnpqrstuvwxyz23456789'[byte % 32]).join('');
}

/** The object at `key`, made where absent; null where something else stands there. */
function groupAt(values: Record<string, unknown>, key: string): Record<string, unknown> | null {
  values[key] ??= {};
  const group = values[key];
  return typeof group === 'object' && group !== null && !Array.isArray(group)
    ? (group as Record<string, unknown>)
    : null;
}
