/**
 * The text that Prometheus scrapes. Our names already are Prometheus names, so nothing is added to them: no scope, no
 * target, no unit.
 */
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { MetricProducer } from '@opentelemetry/sdk-metrics';

/** A function that collects from `producer` and writes it down; it waits for nothing else. */
export function prometheusText(producer: MetricProducer): () => Promise<string> {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  exporter.setMetricProducer(producer);
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  return async () => {
    const { resourceMetrics } = await exporter.collect();
    return serializer.serialize(resourceMetrics);
  };
}
