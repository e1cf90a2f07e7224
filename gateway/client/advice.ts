/** What the gateway asks of agents and nodes while it is short of something, in words. */
import { ADVICE_ACTIONS, type AdviceAction } from '../../schemas/advice-actions.ts';

/** What holds until the next one: everything that is asked for, not only what is new. */
export interface AdviceEvent {
  /** Level of the gateway's ladder of overload; 0: nothing is short. */
  readonly level: number;
  readonly actions: readonly AdviceAction[];
}

/** Nothing is asked for. */
export const NO_ADVICE: AdviceEvent = { level: 0, actions: [] };

/** Advice as it travels, in words. Actions of a later version are left out: they cannot be followed. */
export function readAdvice(
  advice: { readonly level?: number | null; readonly actions?: readonly number[] | null } | null | undefined,
): AdviceEvent {
  // On the wire, 0 is no action.
  const actions = (advice?.actions ?? []).map((number) => ADVICE_ACTIONS[number - 1]);
  return { level: advice?.level ?? 0, actions: actions.filter((word) => word !== undefined) };
}
