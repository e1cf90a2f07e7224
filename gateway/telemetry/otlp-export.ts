/** Sends the metrics to an OpenTelemetry collector, where the usual environment variables name one. */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import { type MetricProducer, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';

const DEFAULT_INTERVAL_MS = 60_000;

/** An export that runs until it is stopped; `stop` sends the last values. */
export interface OtlpExport {
  stop(): Promise<void>;
}

/**
 * Exports what `producer` yields by OTLP over HTTP (protobuf), every `OTEL_METRIC_EXPORT_INTERVAL` ms. Endpoint, headers
 * and timeouts are read from `OTEL_EXPORTER_OTLP_*` by the SDK. Only metrics: there are no traces or logs to send.
 */
export function exportOtlp(producer: MetricProducer, resource: Resource): OtlpExport {
  const intervalMs = Number(process.env.OTEL_METRIC_EXPORT_INTERVAL) || DEFAULT_INTERVAL_MS;
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(intervalMs, 30_000),
    metricProducers: [producer],
  });
  const sdk = new NodeSDK({
    resource,
    metricReaders: [reader],
    spanProcessors: [],
    logRecordProcessors: [],
    textMapPropagator: null,
    instrumentations: [],
  });
  sdk.start();
  return { stop: () => sdk.shutdown() };
}
