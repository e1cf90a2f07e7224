/**
 * Who within a class goes before whom, when not all of it can pass: the more a session asks for, the later its frames come.
 * Tenants count alike, and so do the sessions of a tenant.
 *
 *     v = S · a · u        a: cost of what the session offered in the last window, or in this one if that is more
 *                          S: sessions of its tenant that offered anything; u: the frame's lot, (0, 1]
 *     rank = ⌊4 · log2 4v⌋, about     0 goes first
 *
 * Passing all up to some v gives each session v / S of what it asks for, or all of it if that is less, and each tenant v: max-min
 * fairness, as in fair queueing (Demers, Keshav, Shenker 1989), by thinning as in CSFQ (Stoica, Shenker, Zhang 1998). By lot, not
 * by who is first, so that what passes is spread over the window; and fairly over time, since lots are dealt anew.
 * Sessions and tenants share rows by hash: those of sessions are dealt anew each window, so that nobody stays beside somebody
 * who asks for much. Rows are by class level. Invariants: no time, no allocation per frame.
 */

/** Ranks of a class. */
export const FAIR_RANKS = 128;
const SESSION_ROWS = 8192;
const TENANT_ROWS = 4096;
/** Parts of a unit of cost that are told apart, and ranks per doubling. */
const GRAIN = 4;
const MOST = 2 ** 31;
const GOLDEN = 0x9e3779b1;

export class FairRanks {
  /** Cost offered by session: in this window, and in the last one, when rows were dealt otherwise. */
  #asked = new Float64Array(SESSION_ROWS);
  #askedBefore = new Float64Array(SESSION_ROWS);
  /** Sessions that offer anything, by tenant. */
  #sessions = new Uint32Array(TENANT_ROWS);
  #sessionsBefore = new Uint32Array(TENANT_ROWS);
  #deal = 1;
  #dealBefore = 0;
  #frames = 0;

  /** Counts a frame and ranks it. The hashes: any 32 bits that are the tenant's, the session's. */
  rankOf(level: number, tenantHash: number, sessionHash: number, cost: number): number {
    const tenant = mixed(tenantHash + level) & (TENANT_ROWS - 1);
    const session = sessionHash + level;
    const row = mixed(session ^ this.#deal) & (SESSION_ROWS - 1);
    const asked = this.#asked[row]! + cost;
    if (asked === cost) this.#sessions[tenant]! += 1;
    this.#asked[row] = asked;
    const before = this.#askedBefore[mixed(session ^ this.#dealBefore) & (SESSION_ROWS - 1)]!;
    const sessions = Math.max(this.#sessions[tenant]!, this.#sessionsBefore[tenant]!);
    this.#frames++;
    const lot = (mixed(session ^ Math.imul(this.#frames, GOLDEN)) >>> 0) / 2 ** 32;
    return logRank(Math.min(MOST, GRAIN * sessions * Math.max(asked, before) * lot));
  }

  /** Another lot of the frame that was ranked last, 0 to 1. */
  get lot(): number {
    return (mixed(Math.imul(this.#frames, GOLDEN)) >>> 0) / 2 ** 32;
  }

  /** Begins another window. */
  endWindow(): void {
    const [asked, sessions] = [this.#askedBefore, this.#sessionsBefore];
    this.#askedBefore = this.#asked;
    this.#sessionsBefore = this.#sessions;
    this.#asked = asked.fill(0);
    this.#sessions = sessions.fill(0);
    this.#dealBefore = this.#deal;
    this.#deal = Math.imul(this.#deal, GOLDEN) + 0x7f4a7c15;
  }
}

/** Four ranks per doubling: the two bits below the highest one. */
function logRank(value: number): number {
  const bits = value >>> 0;
  if (bits < GRAIN) return bits;
  const octave = 31 - Math.clz32(bits);
  return (octave - 1) * GRAIN + ((bits >>> (octave - 2)) & (GRAIN - 1));
}

/** Spreads 32 bits over 32 bits. Source: the finalizer of MurmurHash3 (Appleby). */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
