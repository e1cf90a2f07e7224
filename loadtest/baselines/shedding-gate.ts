/**
 * The control arms of e4: imported before the gateway's own code, by each of its processes, it puts another gate in the place
 * of the one that refuses joins. Everything else is the gateway as it is.
 *
 * `?share=…` of its address is the part of all signalling frames that the other gate refuses, whatever they are; at 0 it
 * refuses nothing.
 */
import { registerHooks } from 'node:module';

const GATE = new URL('../../gateway/control/join-gate.ts', import.meta.url).href;
const share = Number(new URL(import.meta.url).searchParams.get('share') ?? 0);

// The planes are processes that the supervisor starts.
process.env.NODE_OPTIONS = `--import=${import.meta.url}`;
registerHooks({
  load(url, context, nextLoad) {
    if (url !== GATE) return nextLoad(url, context);
    const source = `export class JoinGate {
      start() {}
      stop() {}
      admits() { return Math.random() >= ${share}; }
    }`;
    return { format: 'module', source, shortCircuit: true };
  },
});
