/**
 * Standard output and error whose reader goes away: `sluice call | head -1`, a terminal that is closed, a full disk.
 *
 * Node passes over SIGPIPE and reports the failed write as an error event, which ends the process with a stack trace where
 * nobody listens. Here nobody reading is no fault: short commands run to their end, a gateway goes on serving, and what
 * lasts only to be read ends in order once `unread` is aborted. Output that is wanted but cannot be kept is a fault.
 */
const gone = new AbortController();

/** Aborted once nobody reads standard output any more. Nothing happens to it before `watchOutput`. */
export const unread: AbortSignal = gone.signal;

/** Takes over what becomes of failed writes; to be called once, before anything is written. */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!gone.signal.aborted && error.code !== 'EPIPE') {
      process.stderr.write(`sluice: standard output cannot be written: ${error.message}\n`);
      process.exitCode = 1;
    }
    gone.abort();
  });
  // There is no other place left to say it.
  process.stderr.on('error', () => undefined);
}
