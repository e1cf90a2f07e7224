/**
 * The process of the demo's flood, started by the gateway's supervisor, whose first message is its wish and its target. It
 * tells once a second what its agents have done.
 *
 * Invariants: it ends after `FLOOD_MS`, whatever happens, and when the supervisor's channel closes; it connects to
 * loopback only.
 */
import { once } from 'node:events';
import { FloodAgents } from './flood-agents.ts';
import { FLOOD_MS, type FloodOrder, readFloodWish } from './flood-wish.ts';

const REPORT_MS = 1000;

process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
// Ctrl-C reaches every process of a terminal: the supervisor answers it.
process.on('SIGINT', () => undefined);

const [order] = (await once(process, 'message')) as [FloodOrder];
setTimeout(() => process.exit(0), Math.min(order.durationMs, FLOOD_MS));
const wish = readFloodWish(order.wish);
if (typeof wish === 'string') throw new Error(wish);
const { hostname } = new URL(order.target.metadataUrl);
if (!/^(127(\.\d+){3}|localhost|\[::1\])$/.test(hostname)) throw new Error(`${hostname} is not this machine`);

const flood = new FloodAgents(wish, order.target);
await flood.start();
setInterval(() => process.send?.(flood.count), REPORT_MS);
