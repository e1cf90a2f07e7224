/** What `serve --demo` prints of the demo: where its page is, for whom, and what else can be tried. */
import { styleText } from 'node:util';
import type { Config, Listener } from '../config/config.ts';
import { DEMO_API_KEY, DEMO_ROOM } from '../config/demo-config.ts';
import { hasTls } from '../config/tls-files.ts';

/** Where the demo's page is: on loopback, or with `lan` at each of this machine's `addresses`, with what lets one in. */
export function demoPageUrls({ lan, listen, pageSecret }: Config, addresses: readonly string[]): string[] {
  const scheme = hasTls(listen.signal) ? 'https' : 'http';
  const fragment = pageSecret === '' ? '' : `#${pageSecret}`;
  const hosts = lan && addresses.length > 0 ? addresses : [lan ? '127.0.0.1' : listen.signal.host];
  return hosts.map((host) => `${scheme}://${hostPort({ host, port: listen.signal.port })}/${fragment}`);
}

/** The lines, ready to print; with a QR code of the address where somebody may point a phone at the screen. */
export async function demoLines(config: Config, addresses: readonly string[], screen: boolean): Promise<string[]> {
  if (!config.demo) return [];
  const [url = '', ...others] = demoPageUrls(config, addresses);
  const { port } = config.listen.signal;
  const elsewhere =
    port === 7480 && !config.lan
      ? ''
      : ` --signal ${config.lan ? 'wss://localhost' : `ws://${config.listen.signal.host}`}:${port}/v1/signal`;
  const rest = commandLines(`npx sluice call --room ${DEMO_ROOM}${elsewhere}`);
  if (!config.lan) return [`  ${bold('Demo')}: open ${bold(url)} in two tabs`, ...rest];
  const secret = config.keys[DEMO_API_KEY]?.secret ?? '';
  return [
    `  ${bold('Demo')}: open ${bold(url)}`,
    '  on any phone or computer of this network, and again on another',
    ...others.map((other) => `  (or, where that is not reached, ${other})`),
    ...(screen ? ['', ...(await qrLines(url)), ''] : []),
    '  Only who has this address gets in. Browsers ask once about the certificate: it is this machine’s own.',
    ...(addresses.length === 0 ? ['  No network was found: other machines cannot come.'] : []),
    ...rest,
    '  and there, before either, what both need to be let in',
    `    export SLUICE_API_KEY=${DEMO_API_KEY} SLUICE_API_SECRET=${secret} NODE_EXTRA_CA_CERTS=${config.listen.signal.tls.certFile}`,
  ];
}

function commandLines(call: string): string[] {
  const token = `npx sluice token create --room ${DEMO_ROOM} --identity ada`;
  const width = Math.max(call.length, token.length) + 3;
  return [
    `  A recorded meeting plays in room "${DEMO_ROOM}"; in a second terminal`,
    `    ${bold(call)}${' '.repeat(width - call.length)}place a call and read the captions`,
    `    ${token.padEnd(width)}an access token for a client of your own`,
  ];
}

/** White on black whatever the terminal's colours are. */
async function qrLines(url: string): Promise<string[]> {
  const { renderUnicodeCompact } = await import('uqr');
  const lines = renderUnicodeCompact(url, { border: 2 }).split('\n');
  return lines.map((line) => `  ${styleText(['whiteBright', 'bgBlack'], line, { stream: process.stdout })}`);
}

function hostPort({ host, port }: Listener): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function bold(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}
