import { posix } from 'node:path';
import t from 'tap';
import { demoFiles } from './demo-files.ts';

t.test('DEMO-6 every import of the page leads to a file of the page, and none of it is the gateway', async (t) => {
  const { files, policy } = demoFiles({ secret: false, secure: false, ports: [7480, 7481] });
  t.match(files.get('/')?.body, /content="open"/);
  t.notMatch(files.get('/')?.body, /\{\{/, 'nothing is left to be filled in');
  t.match(policy, /connect-src 'self' ws:\/\/127\.0\.0\.1:7480 http:\/\/127\.0\.0\.1:7480 ws:\/\/127\.0\.0\.1:7481 /);
  t.notMatch(policy, /\*/, 'on loopback nothing but this machine');
  const far = demoFiles({ secret: true, secure: true, ports: [7480, 7481] });
  t.match(far.files.get('/')?.body, /content="secret"/);
  t.match(far.policy, /connect-src 'self' wss:\/\/\*:7480 https:\/\/\*:7480 wss:\/\/\*:7481 https:\/\/\*:7481;/);
  const strangers = [...files.keys()].filter((path) => !/^\/($|schemas\/|gateway\/client\/)/.test(path));
  t.strictSame(strangers, []);
  const binary = [...files.keys()].filter((path) => /protobuf|generated\/proto/.test(path));
  t.strictSame(binary, [], 'the page speaks JSON: nothing of protobuf is there to be had');
  for (const [path, { body, type }] of files) {
    if (!type.startsWith('text/javascript')) continue;
    for (const [, specifier = ''] of body.matchAll(/^(?:import|export) (?:.*from )?['"]([^'"]+)['"]/gm)) {
      const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier;
      t.ok(files.has(target), `${path} imports ${target}`);
    }
    t.notMatch(body, /^(import type|interface) /m, `${path} has lost its types`);
  }
});
