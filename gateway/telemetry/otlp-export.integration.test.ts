import { createServer } from 'node:http';
import t from 'tap';
import { gatewayResource, metricProducer } from './metric-producer.ts';
import { exportOtlp } from './otlp-export.ts';

t.test('OPS-23 the same metrics go to the collector the environment names', async (t) => {
  const received: { path: string; body: Buffer }[] = [];
  const collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', body: Buffer.concat(chunks) });
      response.end();
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void collector.close());
  const address = collector.address();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;

  const resource = gatewayResource('gateway-seven', '0');
  const family = {
    name: 'sluice_offered_total',
    help: 'h',
    type: 'counter',
    points: [{ labels: { plane: 'control' }, value: 7 }],
  } as const;
  const otlp = exportOtlp(
    metricProducer(() => [family], resource),
    resource,
  );
  await otlp.stop();

  t.equal(received.length, 1, 'the last values are sent at the end, and nothing else is');
  t.equal(received[0]?.path, '/v1/metrics');
  for (const part of ['sluice_offered_total', 'gateway-seven', 'control']) t.ok(received[0]?.body.includes(part), part);
});
