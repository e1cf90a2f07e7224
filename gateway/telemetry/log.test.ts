import t from 'tap';
import { lineForPeople } from './log.ts';

t.test('OPS-18 on a terminal a log line is one line: time, level, part, message, details', async (t) => {
  const line = lineForPeople(
    JSON.stringify({ time: 0, level: 40, part: 'metadata 0', msg: 'slow', node: 'sfu-1', ms: 5 }),
  );
  t.match(line, /^\d\d:\d\d:\d\d warn {2}metadata 0 {2}slow {2}node=sfu-1 {2}ms=5\n$/);
  const fault = lineForPeople(
    JSON.stringify({ time: 0, level: 60, part: 'control', msg: 'm', err: { stack: 'Error: x\n  at y' } }),
  );
  t.match(fault, /fatal control {2}m\nError: x\n {2}at y\n$/);
});
