/** The process that subscribes. */
import { ListenerFleet, type ListenersReport, type ListenersStart } from '../listeners/listener-fleet.ts';
import { answerCalls } from './load-process.ts';

/** What it offers. */
export type ListenerCalls = {
  open(start: ListenersStart): void;
  grow(rooms: number): Promise<void>;
  restart(nothing: null): void;
  report(nothing: null): ListenersReport;
  close(nothing: null): Promise<void>;
};

if (process.argv[1] === import.meta.filename && process.send) {
  let fleet: ListenerFleet | null = null;
  const present = () => {
    if (!fleet) throw new Error('there are no listeners');
    return fleet;
  };
  const calls: ListenerCalls = {
    open(start) {
      fleet = new ListenerFleet(start);
    },
    grow: (rooms) => present().grow(rooms),
    restart: () => present().restart(),
    report: () => present().report(),
    async close() {
      await fleet?.stop();
      fleet = null;
    },
  };
  answerCalls(calls);
}
