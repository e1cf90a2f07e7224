/**
 * What agents and nodes can be asked to do when the gateway is short of something: the words of `Advice` on the wire, in the
 * order of its enum, without `none`.
 */
export const ADVICE_ACTIONS = [
  'reduceFrequency',
  'bypassOnPath',
  'narrowRetrieval',
  'singleTool',
  'concise',
  'clientOnly',
] as const;
export type AdviceAction = (typeof ADVICE_ACTIONS)[number];
