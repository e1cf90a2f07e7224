/**
 * `GET /v1/slo`: what classes and tiers are promised, and how it was kept in the last minute.
 *
 * Invariant: it looks at what planes last reported, once a second, and never asks a plane.
 */
import { performance } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import type { HistogramSnapshot } from '../telemetry/histogram.ts';
import { RecentHistograms } from '../telemetry/recent-histograms.ts';
import { addHistograms } from '../telemetry/snapshot-sum.ts';
import type { GatewayView } from './gateway-view.ts';
import type { PolicyDesk } from './policy-desk.ts';
import { SLO_METRICS, type SloRow, sloReport } from './slo-report.ts';

/** How far back a report looks. */
const SPAN_MS = 60_000;
/** How often the histograms are remembered: as often as planes report. */
const RHYTHM_MS = 1000;

/** What the route answers with. */
export interface SloAnswer {
  readonly policyVersion: number;
  readonly overMs: number;
  readonly rows: readonly SloRow[];
}

/** What the route works on. */
export interface SloRouteParts {
  readonly view: Pick<GatewayView, 'live'>;
  readonly desk: Pick<PolicyDesk, 'active' | 'checked' | 'compiled'>;
}

/** Adds the route; it remembers until the server closes. */
export function addSloRoute(server: FastifyInstance, { view, desk }: SloRouteParts): void {
  const recent = new RecentHistograms(SPAN_MS);
  const rhythm = setInterval(() => recent.remember(measuredBy(view), performance.now()), RHYTHM_MS);
  rhythm.unref();
  server.addHook('onClose', async () => clearInterval(rhythm));
  server.get('/v1/slo', (_request, reply) => {
    const measured = recent.since(measuredBy(view), performance.now());
    const rows = sloReport(desk.compiled, desk.checked.source.document!, measured);
    const answer: SloAnswer = { policyVersion: desk.active.version, overMs: SPAN_MS, rows };
    return reply.header('cache-control', 'no-store').send(answer);
  });
}

/** What promises are measured by, over all lives of all planes. */
function measuredBy(view: Pick<GatewayView, 'live'>): HistogramSnapshot[] {
  return view.live().reduce<HistogramSnapshot[]>((sum, { total }) => {
    const wanted = (total?.histograms ?? []).filter(({ name }) => SLO_METRICS.includes(name));
    return addHistograms(sum, wanted);
  }, []);
}
