/** The process that goes through dialogs. */
import { DialogLoad, type DialogPool, type DialogReport, type DialogRun } from '../dialogs/dialog-load.ts';
import { answerCalls } from './load-process.ts';

/** What it offers. */
export type DialogCalls = {
  open(pool: DialogPool): Promise<void>;
  run(run: DialogRun): Promise<DialogReport>;
  close(nothing: null): void;
};

if (process.argv[1] === import.meta.filename && process.send) {
  let load: DialogLoad | null = null;
  const calls: DialogCalls = {
    async open(pool) {
      load?.close();
      load = new DialogLoad(pool);
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
