/**
 * Reads the policy file again: when it changes, and at SIGHUP. At SIGHUP the file is in force again even if it says what
 * it said before; a mere touch of it changes nothing.
 */
import { ConfigError } from '../config/config-error.ts';
import { policyHash, readPolicySource } from '../config/policy-source.ts';
import type { PolicyDesk } from '../operator/policy-desk.ts';
import { watchFile } from './file-watch.ts';

export class PolicyReload {
  readonly #desk: PolicyDesk;
  readonly #file: string | null;
  #lastHash: string;
  #unwatch: (() => void) | null = null;

  /** `file`: the operators' policy file, `text` what it said at the start; null: there is none, and the default one is read. */
  constructor(desk: PolicyDesk, file: string | null, text: string) {
    this.#desk = desk;
    this.#file = file;
    this.#lastHash = policyHash(text);
  }

  /** Watches the file from now on. */
  watch(): void {
    if (this.#file !== null) this.#unwatch ??= watchFile(this.#file, () => void this.reload('file'));
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
  }

  /** Reads the file and asks for what it says, if that is news. Never rejects: the desk tells of what is wrong. */
  async reload(how: 'file' | 'signal'): Promise<void> {
    const who = how === 'signal' ? 'SIGHUP' : 'file watch';
    try {
      const source = readPolicySource(this.#file);
      const hash = policyHash(source.text);
      if (how === 'file' && hash === this.#lastHash) return;
      this.#lastHash = hash;
      await this.#desk.propose({ source, who, from: '', how });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#lastHash = '';
      for (const line of error.problems) this.#desk.unreadable(how, who, line);
    }
  }
}
