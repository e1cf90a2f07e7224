/** The metric families in OpenTelemetry's terms: one producer that feeds both the scrape and OTLP. */
import { ValueType } from '@opentelemetry/api';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type HistogramMetricData,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { HistogramFamily, MetricFamily } from './metric-family.ts';

type HrTime = [number, number];

/** Who speaks, in every export. */
export function gatewayResource(gatewayId: string, version: string): Resource {
  return resourceFromAttributes({
    'service.name': 'sluice',
    'service.instance.id': gatewayId,
    'service.version': version,
  });
}

/** A producer over whatever `read` returns at that moment. Sums are cumulative since the producer was made. */
export function metricProducer(read: () => readonly MetricFamily[], resource: Resource): MetricProducer {
  const startTime = hrTimeNow();
  return {
    collect: async (): Promise<CollectionResult> => {
      const endTime = hrTimeNow();
      const metrics = read().map((family) => metricDataOf(family, { startTime, endTime }));
      return { resourceMetrics: { resource, scopeMetrics: [{ scope: { name: 'sluice' }, metrics }] }, errors: [] };
    },
  };
}

interface Period {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function metricDataOf(family: MetricFamily, period: Period): MetricData {
  if (family.type === 'histogram') return histogramOf(family, period);
  const shared = {
    descriptor: { name: family.name, description: family.help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: family.points.map(({ labels, value }) => ({ ...period, attributes: labels, value })),
  };
  if (family.type === 'gauge') return { ...shared, dataPointType: DataPointType.GAUGE };
  return { ...shared, dataPointType: DataPointType.SUM, isMonotonic: true };
}

function histogramOf(family: HistogramFamily, period: Period): HistogramMetricData {
  return {
    descriptor: { name: family.name, description: family.help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: family.points.map(({ labels, bounds, counts, sum }) => ({
      ...period,
      attributes: labels,
      value: {
        buckets: { boundaries: [...bounds], counts: [...counts] },
        count: counts.reduce((total, count) => total + count, 0),
        sum,
      },
    })),
  };
}

function hrTimeNow(): HrTime {
  const ms = Date.now();
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}
