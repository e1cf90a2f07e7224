/**
 * Where each module of the scheduler keeps its fields in the rows of classes, shares and flows (row-table.ts).
 *
 * Doubles at place d lie on the integers 2·d and 2·d + 1. Invariant: no two fields of a row overlap; each list below is in the
 * order of its bytes. A module on the path of a frame copies the places it needs to constants of its own: imported ones are
 * read anew, and checked, at every use.
 */

/** What a ring (deficit-rings.ts) needs of any row in it. */
export const MemberField = { deficit: 0, link: 2 } as const;

/** A class: the ring of its shares, and how many frames wait in it. */
export const ClassField = { ...MemberField, ring: 4, count: 7 } as const;

/** A share, that is a tenant in a class: the rings of its old and its new flows, whose it is, and its length. */
export const ShareField = {
  ...MemberField,
  ring: 4,
  newRing: 7,
  turns: 10,
  newInRow: 11,
  classIndex: 12,
  tier: 13,
  bucket: 14,
} as const;

/** A flow, that is a room in a class: its lanes, its share, its length, and whether CoDel found it slow. */
export const FlowField = {
  ...MemberField,
  lanes: 4,
  count: 8,
  share: 9,
  newFromTurn: 10,
  isOld: 11,
  isOpen: 12,
  bucket: 13,
  isSlow: 15,
} as const;
