/** Holding the gateway under test at one level of its ladder, as an operator would. */

/** Pins the level. Throws with the gateway's answer where it will not. */
export async function pinLadder(operatorUrl: string, level: number): Promise<void> {
  const answer = await fetch(`${operatorUrl}/v1/ladder`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ pin: level }),
  });
  if (!answer.ok) throw new Error(`the ladder cannot be pinned: ${answer.status} ${await answer.text()}`);
}
