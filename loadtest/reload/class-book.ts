/**
 * How many frames of each sort came in each class, and what of it no policy accounts for.
 *
 *     misclassified       = Σ frames whose class none of the policies gives to their sort
 *     bounds of a class   = [Σ written of the sorts that all policies give to it, Σ of those that some policy does]
 *
 * Frames that no class is read from count in the class ''.
 */

/** Counts by sort and class. */
export class ClassBook {
  readonly #names: string[] = [];
  readonly #bytes: Uint8Array[] = [];
  readonly #counts: Float64Array[] = [];
  readonly #sorts: number;

  constructor(sorts: number) {
    this.#sorts = sorts;
  }

  /** Counts a frame of `sort` whose class is named by `bytes[start, end)`. Throws for a sort there is not. */
  count(sort: number, bytes: Uint8Array, start: number, end: number): void {
    if (!(sort >= 0 && sort < this.#sorts)) throw new RangeError(`expected a sort below ${this.#sorts}, got ${sort}`);
    this.#counts[this.#indexOf(bytes, start, end)]![sort]! += 1;
  }

  /** Frames counted, of all sorts and classes. */
  get total(): number {
    return this.#counts.reduce((sum, counts) => sum + counts.reduce((of, count) => of + count, 0), 0);
  }

  /** Frames by class. */
  get byClass(): Record<string, number> {
    return Object.fromEntries(
      this.#names.map((name, index) => [name, this.#counts[index]!.reduce((sum, count) => sum + count, 0)]),
    );
  }

  /** Frames whose class is none that a policy gives; each policy is the classes it gives, by sort. */
  misclassified(policies: readonly (readonly string[])[]): number {
    let sum = 0;
    this.#names.forEach((name, index) => {
      this.#counts[index]!.forEach((count, sort) => {
        if (policies.every((policy) => policy[sort] !== name)) sum += count;
      });
    });
    return sum;
  }

  /** There are a handful of classes: bytes are compared with each, and no text is made. */
  #indexOf(bytes: Uint8Array, start: number, end: number): number {
    const known = this.#bytes.findIndex((name) => {
      if (name.length !== end - start) return false;
      for (let at = 0; at < name.length; at++) if (name[at] !== bytes[start + at]) return false;
      return true;
    });
    if (known >= 0) return known;
    // A copy: the bytes are those of a buffer that is read into again, and a Buffer's slice would be a view of it.
    const name = Uint8Array.from(bytes.subarray(start, end));
    this.#bytes.push(name);
    this.#counts.push(new Float64Array(this.#sorts));
    return this.#names.push(Buffer.from(name).toString()) - 1;
  }
}

/** The least and the most frames of each class when each frame is judged by one of the policies; `written` by sort. */
export function classBounds(
  written: readonly number[],
  policies: readonly (readonly string[])[],
): Record<string, readonly [least: number, most: number]> {
  const names = new Set(policies.flat());
  const bounds: Record<string, readonly [number, number]> = {};
  for (const name of names) {
    let [least, most] = [0, 0];
    written.forEach((count, sort) => {
      if (policies.every((policy) => policy[sort] === name)) least += count;
      if (policies.some((policy) => policy[sort] === name)) most += count;
    });
    bounds[name] = [least, most];
  }
  return bounds;
}

/** Frames that a class was charged with below its least or above its most; a class without bounds may have none. */
export function outsideBounds(
  offered: Readonly<Record<string, number>>,
  bounds: Readonly<Record<string, readonly [least: number, most: number]>>,
): number {
  let sum = 0;
  for (const name of new Set([...Object.keys(offered), ...Object.keys(bounds)])) {
    const [least, most] = bounds[name] ?? [0, 0];
    const count = offered[name] ?? 0;
    sum += Math.max(0, least - count, count - most);
  }
  return sum;
}
