/**
 * Reloads under load: a gateway as it is served, publishers of every sort of frame, subscribers that book the class of
 * each frame, and meanwhile the policy is swapped over HTTP.
 *
 *     lost     = |frames written − Σ offered| + Σ over classes |offered − outcomes − queued|
 *     PASS     : lost, misclassified, out of bounds, gaps, refused swaps all 0, and the control arm above 0
 *
 * The control arm judges the same deliveries by the first policy alone: a check that could not fail would pass it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TokenSigner } from '../access-token.ts';
import { monotonicMs, pause } from '../clock.ts';
import { figuresBetween, type GatewayFigures, total } from '../processes/gateway-figures.ts';
import { CROWD_TENANTS, type GatewayUnderTest, startGateway } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import { AddressGroup, loopbackAddress } from '../wire/load-target.ts';
import { ClassBook, classBounds, outsideBounds } from './class-book.ts';
import { ClassWatcher } from './class-watcher.ts';
import type { MixedCalls, MixedRun } from './mixed-publishers.ts';
import { swapPolicies } from './policy-swaps.ts';
import { CLASS_OF_SORT, ruledPolicy, SORTS } from './ruled-policies.ts';

const [TENANT = ''] = CROWD_TENANTS;
const PUBLISHERS = 32;
const ROOMS = 8;
const SETTLE_MS = 30_000;
/** So that a stall of a busy machine costs nobody his connection; everything else is as delivered. */
const LIMITS = { metadataRunFrames: 100_000, metadataRunBytes: 16_777_216, unackedBytes: 16_777_216 };

/** What a run found. */
export interface ReloadReport {
  readonly written: number;
  readonly framesPerSecond: number;
  readonly accepted: number;
  readonly reloadsPerSecond: number;
  readonly refusedReloads: readonly string[];
  readonly withheld: number;
  readonly lost: number;
  /** The gateway's own largest residual. */
  readonly residual: number;
  /** Frames that subscribers were sent. */
  readonly seen: number;
  readonly seenByClass: Readonly<Record<string, number>>;
  readonly misclassified: number;
  /** The control arm: misclassified if only the first policy had been in force. */
  readonly misclassifiedByOne: number;
  /** Frames that a class was charged with beyond what any mixture of both policies explains. */
  readonly outOfBounds: number;
  /** The control arm of it. */
  readonly outOfBoundsByOne: number;
  /** Jumps in the numbers of batches, and subscribers' connections that ended. */
  readonly gaps: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Runs it. Rejects when a part cannot be started. */
export async function reloadUnderLoad(run: MixedRun): Promise<ReloadReport> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'sluice-reload-'));
  const parts: { stop(): Promise<void> | void }[] = [{ stop: () => rm(stateFolder, { recursive: true }) }];
  try {
    const gateway = await startGateway({ stateFolder, limits: LIMITS }, ruledPolicy(0));
    parts.push(gateway);
    const book = new ClassBook(SORTS);
    const watchers = await watchRooms(gateway, book);
    parts.push(...watchers);
    const publishers = new LoadProcess<MixedCalls>(new URL('./mixed-publishers.ts', import.meta.url), 'publishers');
    parts.push(publishers);
    await publishers.call('open', { target: gateway.target, tenant: TENANT, publishers: PUBLISHERS, rooms: ROOMS });
    const before = await gateway.figures();
    const swaps = swapPolicies(gateway.operatorUrl, [ruledPolicy(0), ruledPolicy(1)]);
    const published = await publishers.call('publish', run);
    const { accepted, refused } = await swaps.stop();
    const written = published.written.reduce((sum, count) => sum + count, 0);
    const figures = await settledFigures(gateway, before, written);
    const offered = ofMetadata(figures.offered);
    const [first] = CLASS_OF_SORT;
    return {
      written,
      framesPerSecond: (1000 * written) / published.tookMs,
      accepted,
      reloadsPerSecond: (1000 * accepted) / published.tookMs,
      refusedReloads: refused,
      withheld: published.withheld,
      lost: Math.abs(written - total(offered)) + unaccounted(figures),
      residual: figures.residual,
      seen: book.total,
      seenByClass: book.byClass,
      misclassified: book.misclassified(CLASS_OF_SORT),
      misclassifiedByOne: book.misclassified([first]),
      outOfBounds: outsideBounds(offered, classBounds(published.written, CLASS_OF_SORT)),
      outOfBoundsByOne: outsideBounds(offered, classBounds(published.written, [first])),
      gaps: watchers.reduce((sum, { gaps, lost }) => sum + gaps + lost, 0),
      outcomes: figures.outcomes,
    };
  } finally {
    for (const part of parts.reverse()) await part.stop();
  }
}

/** What a report falls short of, one line each; none: it passes. Rates are not judged here. */
export function reloadFaults(report: ReloadReport): string[] {
  const { misclassifiedByOne, outOfBoundsByOne, refusedReloads, accepted, seen } = report;
  const zero = ['lost', 'residual', 'misclassified', 'outOfBounds', 'gaps'] as const;
  const faults = zero.filter((name) => report[name] !== 0).map((name) => `${name} ${report[name]}, expected 0`);
  if (accepted === 0) faults.push('no reload was accepted');
  if (seen === 0) faults.push('subscribers saw nothing');
  if (misclassifiedByOne === 0) faults.push('the control arm found nothing misclassified: the check cannot fail');
  if (outOfBoundsByOne === 0) faults.push('the control arm found every class within bounds: the check cannot fail');
  return [...faults, ...refusedReloads.map((why) => `a reload was refused: ${why}`)];
}

async function watchRooms({ target }: GatewayUnderTest, book: ClassBook): Promise<ClassWatcher[]> {
  const signer = new TokenSigner(target.key);
  return await Promise.all(
    Array.from({ length: ROOMS }, async (_, room) => {
      const watcher = new ClassWatcher(book);
      const accessToken = await signer.sign({ identity: `watcher-${room}`, tenant: TENANT, room: `reload-${room}` });
      const localAddress = loopbackAddress(AddressGroup.listeners, room, 100);
      const { host, metadataPort: port } = target;
      await watcher.open({ host, port, path: '/v1/metadata', accessToken, localAddress });
      return watcher;
    }),
  );
}

/** What was counted, once all that was written has been and nothing waits; after `SETTLE_MS` as it is. */
async function settledFigures(
  gateway: GatewayUnderTest,
  before: GatewayFigures,
  written: number,
): Promise<GatewayFigures> {
  for (const endMs = monotonicMs() + SETTLE_MS; ; await pause(250)) {
    const figures = figuresBetween(before, await gateway.figures());
    const settled = total(ofMetadata(figures.offered)) >= written && total(figures.queued) === 0;
    if (settled || monotonicMs() > endMs) return figures;
  }
}

/** Frames of the socket's own, such as acknowledgements, are charged to signalling classes. */
function ofMetadata(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => !name.startsWith('call-')));
}

function unaccounted({ offered, ended, queued }: GatewayFigures): number {
  const off = Object.keys(offered).map((name) => offered[name]! - (ended[name] ?? 0) - (queued[name] ?? 0));
  return off.reduce((sum, each) => sum + Math.abs(each), 0);
}
