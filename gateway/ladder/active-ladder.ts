/**
 * The ladder of overload as one plane goes by it: the level it was told, and what is given up there by the policy in force.
 *
 * Invariant: asking costs an array read; the arrays change in one turn of the event loop, between two frames.
 */
import { effectsByLevel, type LadderEffects } from '../../backpressure/ladder-levels.ts';
import { MOST_CLASS_INDEXES, type Policy } from '../../classes/policy.ts';
import { ADVICE_ACTIONS } from '../../schemas/advice-actions.ts';
import { KIND_COUNT, Kind } from '../../schemas/kinds.ts';

/** What the planes' ladder reads of a policy. */
export type LadderTables = Pick<Policy, 'ladder' | 'shedAtLevel' | 'tickMs'>;

export class ActiveLadder {
  /** What is given up now. */
  effects: LadderEffects;
  /** Whether the worker refuses for overload: then what could leave at once for comfort's sake waits for its tick. */
  pressed = false;
  readonly #policy: LadderTables;
  #byLevel: readonly LadderEffects[];
  #told: number;
  readonly #kindsOff = new Uint8Array(KIND_COUNT);
  readonly #classesOff = new Uint8Array(MOST_CLASS_INDEXES);

  /** `level`: where it begins; a level that the policy has not is its highest. */
  constructor(policy: LadderTables, level = 0) {
    this.#policy = policy;
    this.#told = level;
    this.#byLevel = effectsByLevel(policy.ladder?.levels ?? []);
    this.effects = this.#byLevel[0]!;
    this.#enter();
  }

  /** How often a room may write what waits for its tick, ms. */
  get tickMs(): number {
    return Math.max(this.#policy.tickMs, this.effects.interimTickMs ?? 0);
  }

  get level(): number {
    return this.effects.level;
  }

  /** Goes to a level; whether that changed anything. */
  climb(level: number): boolean {
    this.#told = level;
    return this.#enter();
  }

  /** Another policy is in force: its levels hold from now on. Whether that changed anything but words. */
  adopt(): boolean {
    this.#byLevel = effectsByLevel(this.#policy.ladder?.levels ?? []);
    return this.#enter();
  }

  /** Whether frames of the kind, or of the class, are refused at present. Finals never are. */
  sheds(kind: number, classIndex: number): boolean {
    return this.#kindsOff[kind] === 1 || this.#classesOff[classIndex] === 1;
  }

  /** Whether the whole class is refused at present. */
  shedsClass(classIndex: number): boolean {
    return this.#classesOff[classIndex] === 1;
  }

  /** What is asked of agents and nodes, as it travels. */
  get advice(): { level: number; actions: number[] } {
    // On the wire, 0 is no action.
    return { level: this.level, actions: this.effects.advice.map((word) => ADVICE_ACTIONS.indexOf(word) + 1) };
  }

  #enter(): boolean {
    const before = this.effects;
    this.effects = this.#byLevel[Math.min(this.#told, this.#byLevel.length - 1)]!;
    this.#kindsOff.fill(0);
    for (const name of this.effects.kindsOff) this.#kindsOff[Kind[name]] = 1;
    const { shedAtLevel } = this.#policy;
    for (let index = 0; index < this.#classesOff.length; index++) {
      const from = shedAtLevel[index] ?? 0;
      this.#classesOff[index] = from > 0 && this.level >= from ? 1 : 0;
    }
    return before !== this.effects;
  }
}
