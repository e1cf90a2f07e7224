/** How a decision of admission went: `admitted`, or who refused: a level + 1, or the session's credit. */
export const Decision = { admitted: 0, session: 1, user: 2, room: 3, tenant: 4, gateway: 5, noCredit: 6 } as const;
export type Decision = (typeof Decision)[keyof typeof Decision];
