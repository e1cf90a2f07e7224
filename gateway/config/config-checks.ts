/** What must hold between the fields of a configuration, each of which is valid by itself. */
import type { Fault } from '../../classes/schema-faults.ts';
import type { Config } from './config.ts';
import { DEMO_SECRET, isLoopback } from './demo-config.ts';

/** Everything that is wrong with `config` as a whole; empty when nothing is. */
export function checkConfig(config: Config): Fault[] {
  return [...checkLan(config), ...checkKeys(config), ...checkHosts(config), ...checkPorts(config)];
}

function checkKeys(config: Config): Fault[] {
  const problems: Fault[] = [];
  const names = Object.keys(config.keys);
  if (names.length === 0) {
    const message = 'expected at least one API key, or nobody could connect; to try Sluice out, use serve --demo';
    problems.push({ path: ['keys'], message });
  }
  for (const name of names) {
    if (config.keys[name]!.secret !== DEMO_SECRET || (config.demo && !config.lan)) continue;
    problems.push({ path: ['keys', name, 'secret'], message: 'expected a secret of your own: this one is published' });
  }
  return problems;
}

function checkLan({ demo, lan, pageSecret }: Config): Fault[] {
  const message = 'means nothing without demo';
  const meant = { lan, pageSecret: pageSecret !== '' };
  return demo ? [] : Object.entries(meant).flatMap(([name, set]) => (set ? [{ path: [name], message }] : []));
}

function checkHosts({ demo, lan, listen }: Config): Fault[] {
  if (!demo) return [];
  const why = lan ? 'only signal and metadata are for the network' : 'the key of demo mode is public';
  return Object.entries(listen)
    .filter(([name, { host }]) => !isLoopback(host) && !(lan && (name === 'signal' || name === 'metadata')))
    .map(([name, { host }]) => ({
      path: ['listen', name, 'host'],
      message: `expected a loopback address, found ${host}: ${why}`,
    }));
}

/** Every listener of every worker on a port of its own, where the hosts could meet. */
function checkPorts(config: Config): Fault[] {
  const problems: Fault[] = [];
  const owners = new Map<number, { name: string; host: string }[]>();
  for (const [name, { host, port }] of Object.entries(config.listen)) {
    if (port === 0) continue;
    const path = ['listen', name, 'port'];
    const workers = name === 'metadata' || name === 'nodeMetadata' ? config.metadataWorkers : 1;
    if (port + 10 * (workers - 1) > 65_535) {
      problems.push({ path, message: `expected room for ${workers} workers, each 10 above the one before` });
      continue;
    }
    for (let worker = 0; worker < workers; worker++) {
      const others = owners.get(port + 10 * worker) ?? [];
      const clash = others.find((other) => other.name !== name && mayMeet(other.host, host));
      if (clash !== undefined)
        problems.push({ path, message: `port ${port + 10 * worker} is also that of ${clash.name}` });
      owners.set(port + 10 * worker, [...others, { name, host }]);
    }
  }
  return problems;
}

function mayMeet(a: string, b: string): boolean {
  const any = (host: string) => host === '0.0.0.0' || host === '::';
  return a === b || any(a) || any(b);
}
