/**
 * `sluice serve`: planes, operator API, metrics, and in demo mode the nodes, from the first process to the last exit.
 *
 * Order: planes are started first, because their start takes longest; what only operators need is loaded meanwhile, and
 * OpenTelemetry when everything listens.
 */
import { randomBytes } from 'node:crypto';
import { constants, getPriority } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { isatty } from 'node:tty';
import type { Config } from '../config/config.ts';
import { type CheckedPolicy, readPolicySource } from '../config/policy-source.ts';
import { openPolicies } from '../operator/open-policies.ts';
import type { OperatorApi } from '../operator/operator-api.ts';
import type { PolicyDesk } from '../operator/policy-desk.ts';
import { type Log, openLog } from '../telemetry/log.ts';
import type { OtlpExport } from '../telemetry/otlp-export.ts';
import { type BackoffTimes, RESTART_TIMES } from './backoff.ts';
import { demoControls } from './demo-controls.ts';
import { lanAddresses, withDemoCertificate } from './demo-lan.ts';
import { type DemoNodes, startDemoNodes } from './demo-nodes.ts';
import { demoLines, demoPageUrls } from './demo-report.ts';
import { onEndSignals } from './end-signals.ts';
import type { FrameQuestion } from './frame-question.ts';
import { withChosenPorts } from './free-ports.ts';
import { cpuQuota, receiveBuffer } from './host-limits.ts';
import { openPage } from './open-page.ts';
import type { PlaneName } from './plane-link.ts';
import { PLANE_MODULES, type PlaneModule } from './plane-spawn.ts';
import { PolicyReload } from './policy-reload.ts';
import { type PermittedSteps, permittedSteps, prioritiesOf } from './process-priority.ts';
import { startupReport } from './startup-report.ts';
import { Supervisor } from './supervisor.ts';

export interface ServeOptions {
  readonly config: Config;
  readonly planes: 'all' | PlaneName;
  readonly version: string;
  /** Name of the operators' policy file; absent or null: they brought none. */
  readonly policyFile?: string | null;
  /** Where the planes come from and how patiently they are restarted; for tests. */
  readonly modules?: Readonly<Record<PlaneName, PlaneModule>>;
  readonly times?: BackoffTimes;
}

/** Runs the gateway until a signal ends it; resolves to the exit code. Rejects with one line when it cannot start. */
export async function serve(options: ServeOptions): Promise<number> {
  const log = openLog('supervisor', 'info');
  const policyFile = options.policyFile ?? null;
  const source = readPolicySource(policyFile);
  const config = await withDemoCertificate(await withChosenPorts(options.config));
  const folder = join(config.stateFolder, 'gateways', encodeURIComponent(config.gatewayId));
  const policies = openPolicies({ folder, source, file: policyFile, log });
  const permitted = permittedSteps(config.controlPriority);
  const supervisor = superviseWith(options, config, policies.desk, permitted, log);
  const demo = demoControls(config, permitted);
  policies.desk.follow((changed) => supervisor.adopt(changed));
  const reload = new PolicyReload(policies.desk, policyFile, source.text);
  const parts: Parts = { supervisor, policies, reload, operator: null, demo, demoNodes: null, otlp: null };
  onHangUp(reload, log);

  const ended = Promise.withResolvers<number>();
  let draining = false;
  const forgetSignals = onEndSignals(
    (signal) => {
      draining = true;
      parts.demoNodes?.retire();
      log.info(`${signal}: draining, for at most ${config.drainMs} ms; again to end at once`);
      drain(parts).then(() => ended.resolve(0), ended.reject);
    },
    (signal) => {
      supervisor.kill();
      parts.demoNodes?.kill();
      parts.demo?.flood.stop();
      process.exit(128 + constants.signals[signal]);
    },
  );

  try {
    const telemetry = lazyTelemetry(supervisor, config, options.version);
    // Both settle before a failure is told: nothing may go on behind it.
    const started = await Promise.allSettled([supervisor.start(), startOperator(parts, config, telemetry)]);
    for (const each of started) if (each.status === 'rejected') throw each.reason;
    // A signal may have come first: then there is nothing to report and nothing to add.
    if (draining) return await ended.promise;
    reload.watch();
    const addresses = config.lan ? await lanAddresses() : [];
    const demoPage = await demoLines(config, addresses, process.stdout.isTTY);
    process.stdout.write(report(options, config, policies.desk.checked, supervisor, demoPage));
    if (config.demo && options.planes === 'all' && options.modules === undefined) {
      parts.demoNodes = startDemoNodes(config, [...addresses, '127.0.0.1'], log);
      openPage(demoPageUrls(config, addresses)[0] ?? '');
    }
    parts.otlp = await (await telemetry()).exportIfWanted();
  } catch (error) {
    supervisor.kill();
    reload.stop();
    await parts.operator?.close();
    if (draining) return await ended.promise;
    forgetSignals();
    throw error;
  }
  return await ended.promise;
}

/** SIGHUP ends the gateway when it means that our terminal is gone; sent by hand it asks for the policy to be read again. */
function onHangUp(reload: PolicyReload, log: Log): void {
  const hadTerminal = isatty(0);
  process.on('SIGHUP', () => {
    if (hadTerminal && !isatty(0)) process.kill(process.pid, 'SIGTERM');
    else {
      log.info('SIGHUP: the policy is read again; the rest of the configuration is read at start only');
      void reload.reload('signal');
    }
  });
}

interface Parts {
  readonly supervisor: Supervisor;
  readonly policies: ReturnType<typeof openPolicies>;
  readonly reload: PolicyReload;
  operator: OperatorApi | null;
  readonly demo: ReturnType<typeof demoControls>;
  demoNodes: DemoNodes | null;
  otlp: OtlpExport | null;
}

/** Planes first, so that their clients can go; the metrics last, so that they tell of it. */
async function drain({ supervisor, reload, demo, demoNodes, otlp }: Parts): Promise<void> {
  reload.stop();
  demo?.flood.stop();
  await supervisor.stop();
  await Promise.allSettled([demoNodes?.stop(), otlp?.stop()]);
}

function superviseWith(
  options: ServeOptions,
  config: Config,
  desk: PolicyDesk,
  permitted: PermittedSteps,
  log: Log,
): Supervisor {
  return new Supervisor({
    config,
    planes: options.planes,
    // Planes on other machines must know it too: then it is given.
    internalToken: process.env.SLUICE_INTERNAL_TOKEN || randomBytes(32).toString('base64url'),
    version: options.version,
    policy: desk.checked,
    policyCounts: () => desk,
    permitted,
    modules: options.modules ?? PLANE_MODULES,
    times: options.times ?? RESTART_TIMES,
    log,
  });
}

interface Telemetry {
  readonly text: () => Promise<string>;
  readonly exportIfWanted: () => Promise<OtlpExport | null>;
}

/** OpenTelemetry, loaded when it is first asked for. */
function lazyTelemetry(supervisor: Supervisor, config: Config, version: string): () => Promise<Telemetry> {
  const load = async (): Promise<Telemetry> => {
    const [{ gatewayResource, metricProducer }, { prometheusText }] = await Promise.all([
      import('../telemetry/metric-producer.ts'),
      import('../telemetry/prometheus-text.ts'),
    ]);
    const resource = gatewayResource(config.gatewayId, version);
    const producer = metricProducer(() => supervisor.families(), resource);
    const exportIfWanted = async () => {
      const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT } = process.env;
      if (!OTEL_EXPORTER_OTLP_ENDPOINT && !OTEL_EXPORTER_OTLP_METRICS_ENDPOINT) return null;
      return (await import('../telemetry/otlp-export.ts')).exportOtlp(producer, resource);
    };
    return { text: prometheusText(producer), exportIfWanted };
  };
  let loaded: Promise<Telemetry> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

async function startOperator(parts: Parts, config: Config, telemetry: () => Promise<Telemetry>): Promise<void> {
  const { startOperatorApi } = await import('../operator/operator-api.ts');
  const metricsText = async () => (await telemetry()).text();
  const { supervisor: view, demo } = parts;
  const policies = { ...parts.policies, ask: (question: FrameQuestion) => view.ask(question), shadow: view };
  parts.operator = await startOperatorApi({ config, view, metricsText, policies, demo: demo ?? undefined });
}

function report(
  options: ServeOptions,
  config: Config,
  policy: CheckedPolicy,
  supervisor: Supervisor,
  demo: readonly string[],
): string {
  return startupReport({
    version: options.version,
    config,
    policy,
    startupMs: Math.round(performance.now()),
    planes: supervisor.planes.flatMap(({ plane, worker, pid }) =>
      pid === null ? [] : [{ plane, worker, pid, priorities: prioritiesOf(pid) }],
    ),
    ownNice: getPriority(),
    cpuQuota: cpuQuota(),
    receiveBuffer: receiveBuffer(),
    demo,
  });
}
