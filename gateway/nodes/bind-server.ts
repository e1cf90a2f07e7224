/** Binds a gRPC server to its port, with errors an operator can act on. */
import { logVerbosity, type Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';

// A port that cannot be had is reported by whoever asked for it: no second line from grpc-js.
setLogVerbosity(logVerbosity.NONE);

/**
 * Listens on `host:port` (0: any free port) and resolves to the port. Rejects with one line that names `service` and
 * the address when that cannot be.
 */
export function bindServer(server: Server, service: string, host: string, port: number): Promise<number> {
  const address = hostPort(host, port);
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (!error) resolve(bound);
      else reject(new Error(`${service} cannot listen on ${address}: ${reasonOf(error)}`));
    });
  });
}

/** `host:port`, with the brackets an IPv6 address needs. */
export function hostPort(host: string, port: number): string {
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}

function reasonOf(error: Error): string {
  // grpc-js says "No address added out of total 1 resolved" and keeps the cause in the errors it lists.
  const text = `${error.message} ${'errors' in error && Array.isArray(error.errors) ? error.errors.join(' ') : ''}`;
  if (/EADDRINUSE/.test(text)) return 'the port is taken (is another gateway running?)';
  if (/EACCES/.test(text)) return 'the port needs a privilege this process does not have';
  if (/EADDRNOTAVAIL/.test(text)) return 'this machine does not have the address';
  return error.message;
}
