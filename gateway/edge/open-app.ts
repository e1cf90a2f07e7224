/** The uWebSockets.js application of a listener: with TLS where the listener has a key and a certificate. */
import { App, SSLApp, type TemplatedApp } from 'uWebSockets.js';
import type { Listener, TlsFiles } from '../config/config.ts';

/** Where to listen, and with which certificate; without files, without TLS. */
export interface EdgePlace extends Listener {
  readonly tls?: TlsFiles;
}

/** Makes the application. Throws one line when the files of its TLS cannot be used. */
export function openApp({ host, port, tls }: EdgePlace): TemplatedApp {
  if (tls === undefined || tls.certFile === '') return App();
  try {
    return SSLApp({ key_file_name: tls.keyFile, cert_file_name: tls.certFile });
  } catch {
    throw new Error(`${host}:${port} cannot speak TLS with the key ${tls.keyFile} and certificate ${tls.certFile}`);
  }
}
