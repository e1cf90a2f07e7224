/** What demo mode fills in: an API key everyone knows, and therefore loopback only. */

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
  const listen = groupAt(values, 'listen');
  if (listen !== null) {
    for (const name of ['signal', 'metadata']) {
      const listener = groupAt(listen, name);
      if (listener !== null) listener.host ??= '127.0.0.1';
    }
  }
  values.origins ??= ['*'];
  const keys = groupAt(values, 'keys');
  if (keys !== null) keys[DEMO_API_KEY] ??= { tenants: [DEMO_TENANT], algorithm: 'HS256', secret: DEMO_SECRET };
}

/** The object at `key`, made where absent; null where something else stands there. */
function groupAt(values: Record<string, unknown>, key: string): Record<string, unknown> | null {
  values[key] ??= {};
  const group = values[key];
  return typeof group === 'object' && group !== null && !Array.isArray(group)
    ? (group as Record<string, unknown>)
    : null;
}
