/**
 * How far one participant of `sluice call` has come: stages are passed on as they are reached, and waiting for one ends
 * when it comes, when the participant fails, or when nothing at all comes for too long.
 */
import { callFailure } from './call-failure.ts';
import { CALL_STAGES, type CallStage } from './call-participant.ts';
import { CommandFailure } from './command-failure.ts';

/** A stage that takes longer than this has failed. */
const STAGE_LIMIT_MS = 10_000;

/** What was being done when a stage did not come. */
const DOING: Readonly<Record<CallStage, string>> = {
  connected: 'connecting',
  welcome: 'waiting for the welcome',
  joined: 'joining',
  answered: 'offering media',
  iceConnected: 'connecting media (ICE)',
  dtlsConnected: 'securing media (DTLS)',
  mediaSent: 'sending media',
  mediaReceived: 'waiting for media',
};

/** The stages of one participant: passes them on as they come, and fails when none comes for too long. */
export class Course {
  /** Called for each stage. */
  reached: (stage: CallStage, atMs: number) => void = () => {};
  readonly #signalUrl: string;
  readonly #stop: AbortSignal;
  readonly #atMs = new Map<CallStage, number>();
  #changed: () => void = () => {};
  #trouble = '';

  constructor(signalUrl: string, stop: AbortSignal) {
    this.#signalUrl = signalUrl;
    this.#stop = stop;
  }

  /** When a stage was reached, 0 when it was not. */
  atMs(stage: CallStage): number {
    return this.#atMs.get(stage) ?? 0;
  }

  stage(stage: CallStage, atMs: number): void {
    this.#atMs.set(stage, atMs);
    this.reached(stage, atMs);
    this.#changed();
  }

  trouble(message: string): void {
    this.#trouble = message;
    this.#changed();
  }

  /** Resolves when `last` is reached or the user ends the call; throws `CommandFailure` when it will not be. */
  async until(last: CallStage, started: Promise<void>): Promise<void> {
    let failure: { readonly thrown: unknown } | null = null;
    started.catch((thrown) => {
      failure = { thrown };
      this.#changed();
    });
    for (let next = this.#missing(last); next !== null && !this.#stop.aborted; next = this.#missing(last)) {
      const changed = await this.#change(STAGE_LIMIT_MS);
      if (this.#stop.aborted) return;
      const doing = DOING[this.#missing(last) ?? last];
      const failed = failure as { readonly thrown: unknown } | null;
      if (failed !== null) throw new CommandFailure([callFailure(failed.thrown, doing, this.#signalUrl)], 1);
      if (this.#trouble !== '') throw new CommandFailure([`${doing}: ${this.#trouble}`], 1);
      if (!changed) throw new CommandFailure([tooLong(next)], 1);
    }
  }

  /** The first stage up to `last` that is still to come. */
  #missing(last: CallStage): CallStage | null {
    const upTo = CALL_STAGES.slice(0, CALL_STAGES.indexOf(last) + 1);
    return upTo.find((stage) => !this.#atMs.has(stage)) ?? null;
  }

  /** Waits for anything to change; false when nothing did in time. */
  #change(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (changed: boolean): void => {
        clearTimeout(timer);
        this.#stop.removeEventListener('abort', changes);
        resolve(changed);
      };
      const changes = (): void => end(true);
      const timer = setTimeout(() => end(false), withinMs);
      this.#changed = changes;
      this.#stop.addEventListener('abort', changes);
    });
  }
}

function tooLong(stage: CallStage): string {
  const late = `${DOING[stage]}: nothing happened for ${STAGE_LIMIT_MS / 1000} s`;
  const media = CALL_STAGES.indexOf(stage) >= CALL_STAGES.indexOf('iceConnected');
  return media ? `${late}: can UDP reach the SFU node from here?` : `${late}: is the gateway overloaded?`;
}
