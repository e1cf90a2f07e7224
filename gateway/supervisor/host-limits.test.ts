import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { cpuQuota, receiveBuffer, receiveBufferCommand } from './host-limits.ts';

/** A root folder with these files. */
function rootWith(t: { teardown(end: () => void): void }, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'sluice-root-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

t.test('OPS-17 the CPU quota is found in either version of cgroups, the tightest of those above us', async (t) => {
  const v2 = { 'proc/self/cgroup': '0::/pod/gateway\n', 'sys/fs/cgroup/pod/gateway/cpu.max': 'max 100000\n' };
  t.equal(cpuQuota(rootWith(t, v2)), null);
  t.equal(cpuQuota(rootWith(t, { ...v2, 'sys/fs/cgroup/pod/cpu.max': '150000 100000\n' })), 1.5);
  t.equal(cpuQuota(rootWith(t, { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '200000 100000\n' })), 2);
  const v1 = { 'proc/self/cgroup': '4:memory:/a\n3:cpu,cpuacct:/a\n' };
  const mount = 'sys/fs/cgroup/cpu,cpuacct/a';
  t.equal(
    cpuQuota(
      rootWith(t, { ...v1, [`${mount}/cpu.cfs_quota_us`]: '50000\n', [`${mount}/cpu.cfs_period_us`]: '100000\n' }),
    ),
    0.5,
  );
  t.equal(
    cpuQuota(rootWith(t, { ...v1, [`${mount}/cpu.cfs_quota_us`]: '-1\n', [`${mount}/cpu.cfs_period_us`]: '100000\n' })),
    null,
  );
  t.equal(cpuQuota(rootWith(t, {})), null);
});

t.test('OPS-17 the sysctl line bounds the receive buffer and raises nothing', async (t) => {
  const root = rootWith(t, { 'proc/sys/net/ipv4/tcp_rmem': '4096\t87380\t6291456\n' });
  const buffer = receiveBuffer(root);
  t.strictSame(buffer, { minBytes: 4096, defaultBytes: 87_380, maxBytes: 6_291_456 });
  t.equal(receiveBufferCommand(buffer!), 'sysctl -w net.ipv4.tcp_rmem="4096 87380 131072"');
  t.equal(receiveBuffer(rootWith(t, {})), null);
});
