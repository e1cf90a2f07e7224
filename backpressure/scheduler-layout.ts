/**
 * Where each module of the scheduler keeps its fields in the rows of classes, shares and flows (row-table.ts).
 *
 * Doubles at place d lie on the integers 2·d and 2·d + 1. Invariant: no two fields of a row overlap; each list below is in
 * the order of its bytes.
 */
import { LINK_INTS, RING_INTS } from './deficit-rings.ts';

/** A class: what it may still take, the ring of its shares, and how many frames wait in it. */
export const ClassField = { deficit: 0, link: 2, shareRing: 4, count: 4 + RING_INTS } as const;

/** A share, that is a tenant in a class: what it may still take, whose it is, and the rings of its flows. */
export const ShareField = {
  deficit: 0,
  turns: 1,
  link: 4,
  classIndex: 4 + LINK_INTS,
  tenant: 5 + LINK_INTS,
  tier: 6 + LINK_INTS,
  flows: 7 + LINK_INTS,
  newRing: 8 + LINK_INTS,
  oldRing: 8 + LINK_INTS + RING_INTS,
  newInRow: 8 + LINK_INTS + 2 * RING_INTS,
  bucket: 9 + LINK_INTS + 2 * RING_INTS,
} as const;

/** A flow, that is a room in a class: CoDel's four doubles, its lanes, and its share. */
export const FlowField = {
  deficit: 0,
  newFromTurn: 1,
  codel: 2,
  link: 12,
  lanes: 14,
  count: 18,
  share: 19,
  isOpen: 20,
  isOld: 21,
  bucket: 22,
} as const;
