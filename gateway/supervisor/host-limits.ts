/** What the operating system grants, and what of it weakens the separation of the planes. Linux; elsewhere all null. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The largest receive buffer at which one flooding socket cannot hold a plane's event loop. Measured. */
export const TCP_RMEM_BYTES = 131_072;

/** The kernel's receive buffer of TCP sockets in bytes: smallest, first, largest. */
export interface ReceiveBuffer {
  readonly minBytes: number;
  readonly defaultBytes: number;
  readonly maxBytes: number;
}

/** How many CPUs the container may use, or null when it is not limited. Reads cgroup v2, then v1. */
export function cpuQuota(root = '/'): number | null {
  const groups = readText(join(root, 'proc/self/cgroup'))?.split('\n') ?? [];
  const quotas = groups.flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === '') return quotasV2(root, path);
    return controllers.split(',').includes('cpu') ? quotasV1(root, path) : [];
  });
  return quotas.length > 0 ? Math.min(...quotas) : null;
}

/** The receive buffer of this network namespace; null where it cannot be read. */
export function receiveBuffer(root = '/'): ReceiveBuffer | null {
  const numbers = readText(join(root, 'proc/sys/net/ipv4/tcp_rmem'))?.trim().split(/\s+/).map(Number) ?? [];
  const [minBytes, defaultBytes, maxBytes] = numbers;
  if (minBytes === undefined || defaultBytes === undefined || maxBytes === undefined) return null;
  return { minBytes, defaultBytes, maxBytes };
}

/** The command that bounds the receive buffer, keeping what is already low enough. */
export function receiveBufferCommand(buffer: ReceiveBuffer): string {
  const first = Math.min(buffer.defaultBytes, TCP_RMEM_BYTES);
  return `sysctl -w net.ipv4.tcp_rmem="${buffer.minBytes} ${first} ${TCP_RMEM_BYTES}"`;
}

/** A quota may be set on any group from ours up to the root that is visible here. */
function quotasV2(root: string, path: string): number[] {
  return upwards(path).flatMap((group) => {
    const [quota, period] =
      readText(join(root, 'sys/fs/cgroup', group, 'cpu.max'))
        ?.trim()
        .split(' ') ?? [];
    return quotient(quota === 'max' ? undefined : quota, period);
  });
}

function quotasV1(root: string, path: string): number[] {
  return ['cpu', 'cpu,cpuacct'].flatMap((mount) =>
    upwards(path).flatMap((group) => {
      const folder = join(root, 'sys/fs/cgroup', mount, group);
      return quotient(readText(join(folder, 'cpu.cfs_quota_us')), readText(join(folder, 'cpu.cfs_period_us')));
    }),
  );
}

function quotient(quota: string | null | undefined, period: string | null | undefined): number[] {
  const cpus = Number(quota ?? Number.NaN) / Number(period ?? Number.NaN);
  return Number.isFinite(cpus) && cpus > 0 ? [cpus] : [];
}

function upwards(path: string): string[] {
  const steps = path.split('/').filter(Boolean);
  return [...steps.keys(), steps.length].map((length) => `/${steps.slice(0, length).join('/')}`);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
