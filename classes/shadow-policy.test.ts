import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { Kind } from '../schemas/kinds.ts';
import { parsePolicy } from './parse-policy.ts';
import { compilePolicy } from './policy.ts';
import { addShadowCounts, type ShadowCounts, ShadowPolicy } from './shadow-policy.ts';

const SMALL = readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8');
const parsed = parsePolicy(SMALL);
const policy = parsed.ok ? compilePolicy(parsed.document) : null;
const KINDS = [Kind.presence, Kind.gauge, Kind.summary, Kind.caption];

const frames = fc.array(
  fc.record({
    sender: fc.nat(3),
    kind: fc.constantFrom(...KINDS),
    admitted: fc.boolean(),
    final: fc.boolean(),
    pauseMs: fc.nat(200),
  }),
  { maxLength: 400 },
);

function judged(run: readonly { sender: number; kind: number; admitted: boolean; final: boolean; pauseMs: number }[]) {
  const shadow = new ShadowPolicy(policy!);
  const keys = [{}, {}, {}, {}];
  let nowMs = 1000;
  for (const { sender, kind, admitted, final, pauseMs } of run) {
    nowMs += pauseMs;
    if (pauseMs === 200) shadow.keep((key) => key !== keys[sender], nowMs);
    const owner = { principal: 1 as const, tenant: 'acme', identity: `i${sender}`, room: 'r', bound: null };
    const known = shadow.sender(keys[sender]!, () => owner);
    shadow.judge(known, known.classifier.classOf(kind), 'before', final && kind === Kind.caption, admitted, nowMs);
  }
  return shadow.counts();
}

const total = (counts: ShadowCounts) => counts.classes.reduce((sum, each) => sum + each.frames, 0);
const verdicts = ({ bothAdmit, onlyActiveAdmits, onlyShadowAdmits, neitherAdmits }: ShadowCounts) =>
  bothAdmit + onlyActiveAdmits + onlyShadowAdmits + neitherAdmits;

t.test('POLICY-26 every frame is counted once, and what is refused is refused by somebody', async () => {
  fc.assert(
    fc.property(frames, (run) => {
      const counts = judged(run);
      const refused = Object.values(counts.rejected).reduce((sum, count) => sum + count, 0);
      return (
        total(counts) === run.length &&
        verdicts(counts) === run.length &&
        refused === counts.onlyActiveAdmits + counts.neitherAdmits &&
        counts.bothAdmit + counts.onlyActiveAdmits === run.filter(({ admitted }) => admitted).length
      );
    }),
  );
});

t.test('POLICY-26 what several workers have counted adds up', async () => {
  fc.assert(
    fc.property(frames, frames, (one, other) => {
      const sum = addShadowCounts(judged(one), judged(other));
      return total(sum) === one.length + other.length && verdicts(sum) === one.length + other.length;
    }),
  );
});
