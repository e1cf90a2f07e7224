/** The key and certificate of a clients' listener: where they are, and whether they can be used. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Fault } from '../../classes/schema-faults.ts';
import type { ClientListener, Config, TlsFiles } from './config.ts';

/** Whether a listener speaks TLS. */
export function hasTls({ tls }: Pick<ClientListener, 'tls'>): boolean {
  return tls.certFile !== '';
}

/** The listener with its file names resolved from the folder `base`. */
export function withTlsFrom(base: string, listener: ClientListener): ClientListener {
  const { keyFile, certFile } = listener.tls;
  const from = (name: string) => (name === '' ? '' : resolve(base, name));
  return { ...listener, tls: { keyFile: from(keyFile), certFile: from(certFile) } };
}

/** When the certificate of a listener with TLS ends, ms since the epoch. */
export function certificateEndMs({ tls }: Pick<ClientListener, 'tls'>): number {
  return Date.parse(new X509Certificate(readFileSync(tls.certFile)).validTo);
}

/** What is wrong with the files that the clients' listeners name: unreadable, not PEM, or not of each other. */
export function checkTls({ listen }: Config): Fault[] {
  return (['signal', 'metadata'] as const).flatMap((name) => {
    const { tls } = listen[name];
    if (tls.keyFile === '' && tls.certFile === '') return [];
    return problemsOf(tls, ['listen', name, 'tls']);
  });
}

function problemsOf(tls: TlsFiles, path: readonly string[]): Fault[] {
  const problems: Fault[] = [];
  const key = read(tls, 'keyFile', 'a private key in PEM, without a passphrase', createPrivateKey);
  const certificate = read(tls, 'certFile', 'a certificate in PEM', (text) => new X509Certificate(text));
  if (typeof key === 'string') problems.push({ path: [...path, 'keyFile'], message: key });
  if (typeof certificate === 'string') problems.push({ path: [...path, 'certFile'], message: certificate });
  if (typeof key === 'string' || typeof certificate === 'string') return problems;
  if (certificate.checkPrivateKey(key)) return [];
  const message = `expected the certificate of the key in ${tls.keyFile}, found one of another key in ${tls.certFile}`;
  return [{ path: [...path, 'certFile'], message }];
}

/** What the file holds, or what was expected of it. */
function read<T extends KeyObject | X509Certificate>(
  tls: TlsFiles,
  which: keyof TlsFiles,
  expected: string,
  parse: (text: string) => T,
): T | string {
  const name = tls[which];
  if (name === '') return `expected, because there is a ${which === 'keyFile' ? 'certFile' : 'keyFile'}`;
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch {
    return `expected a file that can be read, found ${name}`;
  }
  try {
    return parse(text);
  } catch {
    return `expected ${expected}, found something else in ${name}`;
  }
}
