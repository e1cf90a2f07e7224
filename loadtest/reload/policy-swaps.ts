/** Swaps the policy of a running gateway between two texts, as an operator would: PUT with If-Match, one at a time. */

/** What came of it. */
export interface SwapReport {
  readonly accepted: number;
  /** Answers other than 200, or planes that did not take a policy over; the first few in words. */
  readonly refused: readonly string[];
}

/** A run of swaps. */
export interface PolicySwaps {
  /** Ends it: resolves when the last answer has come. */
  stop(): Promise<SwapReport>;
}

interface Answer {
  readonly changed?: boolean;
  readonly planes?: readonly { readonly error: string | null }[];
}

const MOST_REASONS = 10;

/** Begins to swap, the second text first; each wish follows the last answer at once. */
export function swapPolicies(operatorUrl: string, texts: readonly [string, string]): PolicySwaps {
  const url = `${operatorUrl}/v1/policy`;
  const refused: string[] = [];
  let accepted = 0;
  let on = true;
  const done = (async () => {
    let etag = (await fetch(url)).headers.get('etag') ?? '';
    for (let swap = 1; on; swap++) {
      const headers = { 'content-type': 'application/yaml', 'if-match': etag };
      const response = await fetch(url, { method: 'PUT', headers, body: texts[swap % 2]! });
      const text = await response.text();
      etag = response.headers.get('etag') ?? etag;
      const why = response.ok ? faultOf(JSON.parse(text) as Answer) : `${response.status}: ${text}`;
      if (why === null) accepted++;
      else if (refused.length < MOST_REASONS) refused.push(why);
    }
  })();
  // Who stops it hears of a failure; until then nobody waits for it.
  done.catch(() => {});
  return {
    async stop() {
      on = false;
      await done;
      return { accepted, refused };
    },
  };
}

function faultOf({ changed, planes = [] }: Answer): string | null {
  if (changed !== true) return 'the gateway says that nothing changed';
  return planes.find(({ error }) => error !== null)?.error ?? null;
}
