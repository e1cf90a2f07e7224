/** This machine as others of the network see it, for `serve --demo --lan`. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { hostname, networkInterfaces } from 'node:os';
import type { Config } from '../config/config.ts';
import { hasTls } from '../config/tls-files.ts';
import { demoCertificate } from './demo-certificate.ts';

/** Reserved for documentation: nobody answers there, and nothing is sent, but it tells which way out there is. */
const OUTSIDE = '203.0.113.1';
const ANY_PORT = 9;

/** IPv4 addresses by which other machines may reach this one, that of the default route first. */
export async function lanAddresses(): Promise<string[]> {
  const all = Object.values(networkInterfaces()).flatMap((entries = []) => entries);
  const addresses = all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
  const first = await addressTowards(OUTSIDE);
  return first !== null && addresses.includes(first)
    ? [first, ...addresses.filter((address) => address !== first)]
    : addresses;
}

/** The configuration with the generated certificate for those clients' listeners that were given none. Rejects with one line. */
export async function withDemoCertificate(config: Config): Promise<Config> {
  if (!config.lan) return config;
  const { signal, metadata } = config.listen;
  if (hasTls(signal) && hasTls(metadata)) return config;
  const addresses = ['127.0.0.1', ...(await lanAddresses())];
  const name = hostname().toLowerCase();
  const hosts = ['localhost', ...(name.includes('.') || name === 'localhost' ? [] : [`${name}.local`]), name];
  const tls = await demoCertificate(config.stateFolder, { hosts: [...new Set(hosts)], addresses }, Date.now());
  const secured = <L extends typeof signal>(listener: L): L => (hasTls(listener) ? listener : { ...listener, tls });
  const listen = { ...config.listen, signal: secured(signal), metadata: secured(metadata) };
  return Object.freeze({ ...config, listen: Object.freeze(listen) });
}

/** The address from which packets to `outside` would leave; null where there is no way. */
async function addressTowards(outside: string): Promise<string | null> {
  const socket = createSocket('udp4');
  try {
    socket.connect(ANY_PORT, outside);
    await once(socket, 'connect');
    return socket.address().address;
  } catch {
    return null;
  } finally {
    socket.close();
  }
}
