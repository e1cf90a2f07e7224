/**
 * Counts the members in a JSON text. `JSON.parse` keeps the last of two members of one name and tells nobody; the
 * text then holds more members than the objects it became.
 *
 * Invariant: both functions take text that `JSON.parse` has accepted, and only then mean anything.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** What `countMembers` found. */
export interface MemberCount {
  /** Members of all objects together. */
  readonly members: number;
  /** Whether a member's name was spelled with an escape. */
  readonly escapedName: boolean;
}

/** Counts the colons outside strings: each ends a member's name. */
export function countMembers(bytes: Uint8Array): MemberCount {
  let members = 0;
  let escapedName = false;
  let escaped = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === COLON) {
      members++;
      if (escaped) escapedName = true;
    } else if (byte === QUOTE) {
      escaped = false;
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) {
        if (bytes[at] !== BACKSLASH) continue;
        escaped = true;
        at++;
      }
    }
  }
  return { members, escapedName };
}

/** The first member name that occurs twice in one object, or null. Slow: for the error message only. */
export function duplicateMember(text: string): string | null {
  const open: Set<string>[] = [];
  for (const [token, name] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (name !== undefined) {
      const member: string = JSON.parse(name);
      const names = open.at(-1);
      if (names?.has(member)) return member;
      names?.add(member);
    }
  }
  return null;
}
