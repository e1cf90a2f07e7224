/** The process that places calls. */
import { SetupLoad, type SetupPool, type SetupReport, type SetupRun } from '../callers/setup-load.ts';
import { answerCalls } from './load-process.ts';

/** What it offers. */
export type CallerCalls = {
  open(pool: SetupPool): Promise<void>;
  run(run: SetupRun): Promise<SetupReport>;
  close(nothing: null): void;
};

if (process.argv[1] === import.meta.filename && process.send) {
  let load: SetupLoad | null = null;
  const calls: CallerCalls = {
    async open(pool) {
      load?.close();
      load = new SetupLoad(pool);
      await load.open();
    },
    run(run) {
      if (!load) throw new Error('no pool is open');
      return load.run(run);
    },
    close() {
      load?.close();
      load = null;
    },
  };
  answerCalls(calls);
}
