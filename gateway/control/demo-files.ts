/**
 * The files of the demo page, ready to be served: its document and styles, and every module its script imports, in
 * JavaScript. There is no build: TypeScript only loses its types.
 *
 * Invariants: a path is served if and only if it is in the map, so no request ever reaches the file system; modules come
 * from schemas/ and gateway/client/ alone, and import no library: the page speaks JSON.
 */
import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { posix } from 'node:path';

const ROOT = new URL('../../', import.meta.url);
const DEMO = 'gateway/client/demo';
const SERVED = /^(schemas|gateway\/client)\//;
/** An import or a re-export, as it stands in code without types. */
const IMPORTS =
  /^(?:import\s*(?:[\w*{}\s,$]+\sfrom\s*)?|export\s*(?:\*(?:\s*as\s+\w+)?|\{[^}]*\})\s*from\s*)['"]([^'"]+)['"]/gm;

export interface DemoFile {
  readonly type: string;
  readonly body: string;
}

/** What the page has to know, and where it may connect. */
export interface DemoPlace {
  /** Whether the page needs the secret of its address. */
  readonly secret: boolean;
  /** Whether the page is served over TLS, and then to other machines as well. */
  readonly secure: boolean;
  /** Where its WebSockets may lead. */
  readonly ports: readonly number[];
}

/** All files by path, `/` being the document, and the content security policy they are to be served under. */
export interface DemoFiles {
  readonly files: ReadonlyMap<string, DemoFile>;
  readonly policy: string;
}

/** Reads and strips everything: some tens of milliseconds of CPU. Throws when a file is missing or imports a stranger. */
export function demoFiles(place: DemoPlace): DemoFiles {
  const files = new Map<string, DemoFile>();
  const extension = existsSync(new URL(`${DEMO}/main.ts`, ROOT)) ? 'ts' : 'js';
  const scripts = { main: `${DEMO}/main.${extension}`, probe: `${DEMO}/probe-worker.${extension}` };
  const document = textOf(`${DEMO}/index.html`)
    .replace('{{main}}', `/${scripts.main}`)
    .replace('{{probe}}', `/${scripts.probe}`)
    .replace('{{access}}', place.secret ? 'secret' : 'open')
    .replace('{{metadataPort}}', String(place.ports[1] ?? ''));
  files.set('/', { type: 'text/html; charset=utf-8', body: document });
  files.set(`/${DEMO}/demo.css`, { type: 'text/css; charset=utf-8', body: textOf(`${DEMO}/demo.css`) });
  const module = (path: string, body: string) => files.set(path, { type: 'text/javascript; charset=utf-8', body });

  const waiting = Object.values(scripts);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(`/${path}`)) continue;
    if (!SERVED.test(path)) throw new Error(`the demo page imports ${path}, which browsers must not get`);
    const plain = path.endsWith('.ts') ? stripTypeScriptTypes(textOf(path)) : textOf(path);
    module(`/${path}`, plain);
    for (const [, specifier = ''] of plain.matchAll(IMPORTS)) {
      if (!specifier.startsWith('.')) throw new Error(`${path} imports ${specifier}, which browsers have not`);
      waiting.push(posix.join(posix.dirname(path), specifier));
    }
  }
  return { files, policy: policyOf(place) };
}

/** Scripts and styles from here only; connections to this machine only, by whatever name others have for it. */
function policyOf({ secure, ports }: DemoPlace): string {
  const hosts = secure ? ['wss://*'] : ['ws://127.0.0.1', 'ws://localhost'];
  // A socket that did not open is asked about once more by plain request.
  const urls = hosts.flatMap((host) => ports.map((port) => `${host}:${port}`));
  const connect = urls.flatMap((url) => [url, url.replace(/^ws/, 'http')]);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "media-src 'self' blob:",
    `connect-src 'self' ${connect.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function textOf(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}
