/** The process that floods: the publishing fleet, and whatever rude flood is asked for. */
import type { Flood, FloodReport } from '../agents/flood-report.ts';
import { floodHandshakes, type HandshakeFloodStart } from '../agents/handshake-flood.ts';
import { floodAsNode, type NodeFloodStart } from '../agents/node-flood.ts';
import { type FleetReport, type FleetRun, type FleetStart, PublisherFleet } from '../agents/publisher-fleet.ts';
import { floodRudely, type RudeStart } from '../agents/rude-fleet.ts';
import { answerCalls } from './load-process.ts';

/** What it offers. One rude flood at a time. */
export type FloodCalls = {
  open(start: FleetStart): void;
  grow(agents: number): Promise<void>;
  publish(run: FleetRun): Promise<FleetReport>;
  halt(nothing: null): void;
  close(nothing: null): Promise<void>;
  rude(start: RudeStart): void;
  handshakes(start: HandshakeFloodStart): void;
  node(start: NodeFloodStart): void;
  stop(nothing: null): Promise<FloodReport>;
};

if (process.argv[1] === import.meta.filename && process.send) {
  let fleet: PublisherFleet | null = null;
  let flood: Flood | null = null;
  const present = () => {
    if (!fleet) throw new Error('there are no agents');
    return fleet;
  };
  const calls: FloodCalls = {
    open(start) {
      fleet = new PublisherFleet(start);
    },
    grow: (agents) => present().grow(agents),
    publish: (run) => present().publish(run),
    halt: () => present().halt(),
    async close() {
      await fleet?.stop();
      fleet = null;
    },
    rude(start) {
      flood = floodRudely(start);
    },
    handshakes(start) {
      flood = floodHandshakes(start);
    },
    node(start) {
      flood = floodAsNode(start);
    },
    stop() {
      if (!flood) throw new Error('there is no flood');
      const stopping = flood.stop();
      flood = null;
      return stopping;
    },
  };
  answerCalls(calls);
}
