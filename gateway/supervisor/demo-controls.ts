/** What demo mode offers its page: access tokens of the demo's API key, and a flood of agents against this gateway. */
import type { Config } from '../config/config.ts';
import { DEMO_API_KEY, DEMO_TENANT } from '../config/demo-config.ts';
import { hasTls } from '../config/tls-files.ts';
import type { DemoControls } from '../operator/demo-routes.ts';
import { DemoFlood } from './demo-flood.ts';
import type { PermittedSteps } from './process-priority.ts';

/** The controls, and how to end what they started; null outside demo mode, or where its API key has no secret. */
export function demoControls(config: Config, permitted: PermittedSteps): (DemoControls & { flood: DemoFlood }) | null {
  const secret = config.keys[DEMO_API_KEY]?.secret;
  if (!config.demo || secret === undefined) return null;
  const signed = { apiKey: DEMO_API_KEY, secret, tenant: DEMO_TENANT };
  const { metadata } = config.listen;
  const host = metadata.host === '0.0.0.0' ? '127.0.0.1' : metadata.host;
  const scheme = hasTls(metadata) ? 'wss' : 'ws';
  const metadataUrl = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${metadata.port}/v1/metadata`;
  const certFile = hasTls(metadata) ? { certFile: metadata.tls.certFile } : {};
  return {
    accessToken: async (identity, room) => {
      const { createAccessToken } = await import('../edge/access-token.ts');
      return createAccessToken({ ...signed, identity, room });
    },
    flood: new DemoFlood({ ...signed, metadataUrl, ...certFile }, permitted),
  };
}
