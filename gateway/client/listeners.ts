/**
 * Typed listeners by name, for the edge of the library where the application listens.
 *
 * Invariants: listeners run in the order they were added; one added or removed while an event is told takes effect with
 * the next event; a listener that throws harms neither the library nor the other listeners, and its error is not lost.
 */
export class Listeners<Events extends object> {
  readonly #byName = new Map<keyof Events, readonly ((event: never) => void)[]>();

  /** Adds a listener and returns the function that removes it. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), listener]);
    return () => {
      const left = (this.#byName.get(name) ?? []).filter((one) => one !== listener);
      this.#byName.set(name, left);
    };
  }

  /** Tells every listener of the name. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#byName.get(name) ?? []) {
      try {
        (listener as (event: Events[Name]) => void)(event);
      } catch (thrown) {
        // Rethrown outside our stack: the platform reports it as uncaught, and our state stays whole.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }
}
