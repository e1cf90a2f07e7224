/** Listening on a port, exclusively unless asked otherwise: without that option two processes share one silently. */
import {
  LIBUS_LISTEN_EXCLUSIVE_PORT,
  type TemplatedApp,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js';
import type { Listener } from '../config/config.ts';

// The package exports more than its types say.
declare module 'uWebSockets.js' {
  const LIBUS_LISTEN_EXCLUSIVE_PORT: number;
  interface TemplatedApp {
    listen(
      host: string,
      port: number,
      options: number,
      listening: (socket: us_listen_socket | false) => void,
    ): TemplatedApp;
  }
}

export interface Listening {
  readonly port: number;
  close(): void;
}

/** Starts listening for `path`; port 0 takes a free one. Rejects with one line that names both when it cannot be had. */
export function listen(
  app: TemplatedApp,
  path: string,
  { host, port }: Listener,
  sharedPort: boolean,
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    app.listen(host, port, sharedPort ? 0 : LIBUS_LISTEN_EXCLUSIVE_PORT, (socket) => {
      if (socket === false) {
        // The reason is not told: the port taken, not permitted, or no address of this machine.
        const remedy = `choose another port, or end what listens there`;
        reject(new Error(`${path} cannot listen on ${host}:${port}: it is taken or not for this process; ${remedy}`));
        return;
      }
      resolve({ port: us_socket_local_port(socket), close: () => us_listen_socket_close(socket) });
    });
  });
}
