import fc from 'fast-check';
import t from 'tap';
import { Metric, Outcome } from '../../schemas/metric-names.ts';
import { metricFamilies, type PlaneReading } from './metric-families.ts';
import { gatewayResource, metricProducer } from './metric-producer.ts';
import { PlaneCounters, type PlaneSnapshot } from './plane-counters.ts';
import { PlaneLedger } from './plane-ledger.ts';
import { prometheusText } from './prometheus-text.ts';
import { residualsOf } from './snapshot-sum.ts';

function snapshotOf(counters: PlaneCounters, changes: Partial<PlaneSnapshot> = {}): PlaneSnapshot {
  return {
    plane: 'metadata',
    worker: 0,
    policyVersion: 1,
    ...counters.snapshot(),
    bufferedBytes: 0,
    sessions: { agent: 1 },
    disconnects: { 4001: 1 },
    handshakes: { accepted: 1 },
    loopDelayMs: { p50: 1, p99: 2, max: 3 },
    breakers: [],
    nodes: [],
    ...changes,
  };
}

function readingOf(total: PlaneSnapshot | null, worker = 0): PlaneReading {
  return { plane: total?.plane ?? 'metadata', worker, up: true, restarts: 0, total };
}

/** Name, then labels as written, to value. */
async function scrape(readings: readonly PlaneReading[]): Promise<Map<string, number>> {
  const producer = metricProducer(() => metricFamilies(readings), gatewayResource('g', '0'));
  const text = await prometheusText(producer)();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

t.test('OPS-22 names and labels are exactly those of the contract', async (t) => {
  const counters = new PlaneCounters(['captions']);
  counters.offer(0, 10);
  counters.settle(0, Outcome.malformed);
  counters.histogram(Metric.gatewaySeconds, { class: 'captions' }, [1]).record(0.5);
  const nodes = [{ node: 'n', role: 'sfu', sessions: 1, load: 0.5 }];
  const snapshot = snapshotOf(counters, { nodes, breakers: [{ node: 'n', state: 'halfOpen' }] });
  const samples = await scrape([readingOf(snapshot)]);
  const known = new Set<string>(Object.values(Metric));
  for (const sample of samples.keys()) {
    const name = sample.replace(/\{.*/, '');
    t.ok(known.has(name) || known.has(name.replace(/_(bucket|sum|count)$/, '')), name);
    t.notMatch(sample, /otel_|_total_total|target_info/);
  }
  t.equal(samples.get('sluice_frames_total{plane="metadata",class="captions",outcome="malformed"}'), 1);
  t.equal(
    samples.get('sluice_frames_total{plane="metadata",class="unclassified",outcome="malformed"}'),
    0,
    'zeros are there',
  );
  t.equal(samples.get('sluice_bytes_total{plane="metadata",class="captions",direction="in"}'), 10);
  t.equal(samples.get('sluice_breaker_state{node="n"}'), 1);
  t.equal(samples.get('sluice_gateway_seconds_bucket{class="captions",le="+Inf"}'), 1);
  t.equal(samples.get('sluice_loop_delay_seconds{plane="metadata",worker="0",quantile="0.99"}'), 0.002);
});

t.test('OPS-22 workers of a plane are added up; what only each has is told apart', async (t) => {
  const counters = new PlaneCounters(['captions']);
  counters.offer(0, 10);
  counters.enqueue(0);
  const both = [readingOf(snapshotOf(counters)), readingOf(snapshotOf(counters, { worker: 1 }), 1)];
  const samples = await scrape(both);
  t.equal(samples.get('sluice_offered_total{plane="metadata",class="captions"}'), 2);
  t.equal(samples.get('sluice_sessions{plane="metadata",kind="agent"}'), 2);
  t.equal(samples.get('sluice_plane_up{plane="metadata",worker="1"}'), 1);
});

t.test('OPS-22 node names are capped: the rest are one', async (t) => {
  const nodes = Array.from({ length: 1500 }, (_, index) => ({ node: `n${index}`, role: 'sfu', sessions: 1, load: 0 }));
  const samples = await scrape([readingOf(snapshotOf(new PlaneCounters([]), { nodes }))]);
  const labels = [...samples.keys()].filter((sample) => sample.startsWith(Metric.nodeSessions));
  t.equal(labels.length, 1001);
  t.ok(labels.includes('sluice_node_sessions{node="other"}'));
});

t.test('OPS-22 a plane that has not reported is down, and breaks nothing', async (t) => {
  const samples = await scrape([{ ...readingOf(null), up: false }]);
  t.strictSame(
    [...samples],
    [
      ['sluice_plane_up{plane="metadata",worker="0"}', 0],
      ['sluice_plane_restarts_total{plane="metadata",worker="0"}', 0],
      ['sluice_policy_changes_total', 0],
      ['sluice_policy_reload_failures_total', 0],
      ['sluice_ladder_level', 0],
    ],
  );
});

t.test('OPS-20 over any sequence of reports and deaths counters never fall and residuals stay 0', async () => {
  const step = fc.record({
    kind: fc.constantFrom('offer', 'settle', 'settleQueued', 'report', 'die'),
    row: fc.constantFrom(0, -1),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const ledger = new PlaneLedger();
      let counters = new PlaneCounters(['a']);
      let before: number[] = [];
      for (const { kind, row } of steps) {
        if (kind === 'offer') {
          counters.offer(row, 1);
          counters.enqueue(row);
        } else if (kind === 'settle') {
          counters.offer(row, 1);
          counters.settle(row, Outcome.malformed);
        } else if (kind === 'settleQueued' && counters.queued[counters.row(row)]! > 0)
          counters.settleQueued(row, Outcome.delivered);
        else if (kind === 'report') ledger.report(snapshotOf(counters));
        else if (kind === 'die') {
          ledger.ended();
          counters = new PlaneCounters(['a']);
        }
        const total = ledger.total();
        if (total === null) continue;
        const now = [...total.offered, ...total.admitted, ...total.outcomes.flat()];
        if (now.some((value, index) => value < (before[index] ?? 0))) return false;
        if (residualsOf(total).some((residual) => residual !== 0)) return false;
        before = now;
      }
      return true;
    }),
  );
});
