/** That a control plane which cannot keep up refuses some joins, and nothing else. */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { Frame } from '../../schemas/proto.ts';
import { conserved, controlUnderTest } from './fixtures/control-under-test.ts';

const CLIENTS = 160;
const AT_ONCE = 20;
const joined = (frame: Frame) => frame.joined !== undefined && frame.joined !== null;

/** Keeps the event loop busy, turn after turn, until told to stop. The plane under test is in this process. */
async function burn(until: () => boolean): Promise<void> {
  while (!until()) {
    const endMs = performance.now() + 60;
    while (performance.now() < endMs);
    await turn();
  }
}

t.test(
  'CTRL-43 who cannot keep up refuses joins by lot, whole dialogs, and serves those who have joined',
  async (t) => {
    const { plane, open, join } = await controlUnderTest(t);
    const ann = await join('ann');
    const { session, resumeToken } = ann.of('joined')[0]!.joined!;
    const clients = [];
    for (let index = 0; index < CLIENTS; index++) clients.push(await open(`guest-${index}`));
    let turns = 0;
    let over = false;
    const burning = burn(() => {
      turns++;
      return over;
    });
    while (turns < 25) await turn();
    const answers: Promise<Frame>[] = [];
    while (clients.length > 0) {
      for (const client of clients.splice(0, AT_ONCE)) {
        answers.push(client.ask({ kind: Kind.join, join: { room: 'room' } }));
      }
      await turn();
    }
    const pong = ann.ask({ kind: Kind.ping, ping: {} });
    const back = await open('ann');
    const resumed = back.ask({
      kind: Kind.join,
      join: { room: 'room', resume: { session: session!, resumeToken: resumeToken!, lastSeq: 0 } },
    });
    const all = await Promise.all(answers);
    t.match(await pong, { pong: {} }, 'those who have joined are answered');
    t.match(await resumed, { joined: { session, resumed: true } }, 'and who comes back is let in');
    over = true;
    await burning;
    // The node, in this process too, may be too late for some that were let in.
    const [served, refused] = [all.filter(joined), all.filter(({ error }) => error?.reason === 'overloaded')];
    const letIn = CLIENTS - refused.length;
    t.ok(refused.length > 0 && letIn > 0 && served.length > 0, `${refused.length} of ${CLIENTS} joins refused`);
    for (const { error } of refused) t.match(error, { code: 503, reason: 'overloaded', retryAfterMs: 1000 });
    const { classes, outcomes } = plane.snapshot();
    t.equal(outcomes[classes.indexOf('call-setup')]![Outcome.rejected_overload], refused.length);
    await conserved(t, plane);
  },
);
