import fc from 'fast-check';
import t from 'tap';
import { addressBytes, countedAddress, isLoopback, TrustedProxies } from './client-address.ts';

const counted = (text: string): string => countedAddress(addressBytes(text) ?? new Uint8Array());

t.test('EDGE-12 an IPv6 address counts as its /64 and a v4-mapped one as IPv4', async (t) => {
  t.equal(counted('192.0.2.7'), '192.0.2.7');
  t.equal(counted('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  t.equal(counted('2001:db8:1:2::ffff'), '2001:db8:1:2::/64');
  t.not(counted('2001:db8:1:3::1'), '2001:db8:1:2::/64');
  t.equal(counted('::ffff:192.0.2.7'), '192.0.2.7');
  t.equal(counted('::ffff:c000:207'), '192.0.2.7');
  t.equal(counted('::1'), '0:0:0:0::/64');
  t.ok(isLoopback(counted('::1')));
  t.ok(isLoopback(counted('127.8.9.1')));
  t.notOk(isLoopback(counted('128.0.0.1')));
});

t.test('EDGE-12 addresses are read with ports, brackets and zones, and nothing else is one', async (t) => {
  t.equal(counted('192.0.2.7:8080'), '192.0.2.7');
  t.equal(counted(' [2001:db8::1]:443 '), '2001:db8:0:0::/64');
  t.equal(counted('fe80::1%eth0'), 'fe80:0:0:0::/64');
  for (const text of ['', 'unknown', '1.2.3', '1.2.3.4.5', '::g', '_hidden', '1.2.3.256', '[::1', ':::']) {
    t.equal(addressBytes(text), null, text);
  }
});

t.test('EDGE-12 two IPv6 addresses count as one exactly when their first 64 bits agree', async (t) => {
  fc.assert(
    fc.property(fc.ipV6(), fc.ipV6(), (one, other) => {
      const a = addressBytes(one)!;
      const b = addressBytes(other)!;
      t.equal(a.length, 16);
      const sameNetwork = Buffer.compare(a.subarray(0, 8), b.subarray(0, 8)) === 0;
      const mapped = [a, b].some((bytes) => countedAddress(bytes).includes('.'));
      return mapped || (countedAddress(a) === countedAddress(b)) === sameNetwork;
    }),
  );
});

t.test('EDGE-12 the client is the rightmost address that is no trusted proxy', async (t) => {
  const proxies = new TrustedProxies(['10.0.0.0/8', '2001:db8:aaaa::/48']);
  const behind = (peer: string, forwarded: string): string =>
    countedAddress(proxies.clientBehind(addressBytes(peer)!, forwarded));
  t.equal(behind('192.0.2.1', '203.0.113.9'), '192.0.2.1', 'an untrusted peer is taken as it is');
  t.equal(behind('10.0.0.1', '203.0.113.9'), '203.0.113.9');
  t.equal(
    behind('10.0.0.1', '1.1.1.1, 203.0.113.9, 10.0.0.2'),
    '203.0.113.9',
    'what a client wrote itself is left of it',
  );
  t.equal(behind('2001:db8:aaaa::5', '203.0.113.9'), '203.0.113.9');
  t.equal(behind('::ffff:10.0.0.1', '203.0.113.9'), '203.0.113.9', 'a mapped peer is trusted as IPv4');
  t.equal(behind('10.0.0.1', '203.0.113.9, rubbish'), '10.0.0.1', 'rubbish ends the walk at the last known hop');
  t.equal(behind('10.0.0.1', ''), '10.0.0.1');
  t.equal(behind('10.0.0.1', '10.0.0.3, 10.0.0.2'), '10.0.0.3', 'all trusted: the farthest');
});

t.test('EDGE-12 an entry that is no CIDR is named', async (t) => {
  for (const cidr of ['10.0.0.0/33', 'proxy.example', '10.0.0.0/', '10.0.0.0/x', '::/129']) {
    t.throws(() => new TrustedProxies([cidr]), {
      message: new RegExp(`trustedProxies.*"${cidr.replaceAll('.', '\\.')}"`),
    });
  }
});
