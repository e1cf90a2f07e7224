/** Subscribers in a process of their own, for rooms so large that reading what they are sent would delay other listeners. */
import { answerCalls } from '../processes/load-process.ts';
import { type ClassCounts, ClassListeners, type ClassListenersStart } from './class-listeners.ts';

/** What the process offers. */
export type AudienceCalls = {
  open(start: Omit<ClassListenersStart, 'heard'>): Promise<void>;
  /** Counts anew what is due from that time of the machine's clock on. */
  restart(fromMs: number): void;
  counts(nothing: null): ClassCounts;
};

if (process.argv[1] === import.meta.filename && process.send) {
  const listeners = new ClassListeners();
  const calls: AudienceCalls = {
    open: (start) => listeners.open(start),
    restart: (fromMs) => listeners.restart(fromMs),
    counts: () => listeners.counts(),
  };
  answerCalls(calls);
}
