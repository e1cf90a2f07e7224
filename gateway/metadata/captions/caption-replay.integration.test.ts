/** The recorded caption traces, replayed into three rooms at once with subscribers of both subprotocols. */
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { Frame } from '../../../schemas/proto.ts';
import { type Fragment, readTrace } from '../../agents/trace-file.ts';
import { final, interim } from '../fixtures/frames.ts';
import { TENANT } from '../fixtures/metadata-client.ts';
import { metadataUnderTest, sleep, until } from '../fixtures/metadata-under-test.ts';

/** How much faster than recorded. */
const SPEED = 4;
const TICK_MS = 100;
const SUBSCRIBERS = 4;
const MEETINGS = ['standup', 'support', 'lecture'];

function traceOf(meeting: string): Fragment[] {
  return readTrace(fileURLToPath(new URL(`../../agents/traces/${meeting}.jsonl`, import.meta.url)));
}

const segmentOf = ({ caption }: Frame) => `${caption?.stream} ${caption?.segment}`;

t.test('META-30 replayed meetings: every final once and in order, interims at most one and one a tick', async (t) => {
  const gateway = await metadataUnderTest(t);
  await Promise.all(
    MEETINGS.map(async (meeting) => {
      const trace = traceOf(meeting);
      const speakers = [...new Set(trace.map(({ speaker }) => speaker))];
      // One session's rate is for captions as they are spoken; a node carries four times as many.
      const node = gateway.node({ nodeId: `asr-${meeting}`, role: 1 });
      const subscribers = await Promise.all(
        Array.from({ length: SUBSCRIBERS }, (_, index) =>
          gateway.open({ identity: `viewer-${index}`, room: meeting, json: index % 2 === 1 }),
        ),
      );
      const openedAt = new Map<string, number>();
      const startMs = performance.now();
      for (const fragment of trace) {
        const waitMs = fragment.atMs / SPEED - (performance.now() - startMs);
        if (waitMs > 1) await sleep(waitMs);
        const { stream, speaker, segment, revision, text } = fragment;
        const frame = fragment.final
          ? final(stream, segment, text, { speaker, revision }, 0)
          : interim(stream, segment, revision, text, { speaker });
        if (!openedAt.has(segmentOf(frame))) openedAt.set(segmentOf(frame), Date.now());
        node.publish([{ ...frame, tenant: TENANT, room: meeting, from: speaker }]);
      }
      const expected = trace.filter((fragment) => fragment.final);
      for (const subscriber of subscribers) {
        const finals = () => subscriber.of('caption').filter((frame) => frame.final);
        await subscriber.until(() => finals().length >= expected.length);
        await subscriber.settled();
        for (const speaker of speakers) {
          const of = (fragment: Fragment) => fragment.speaker === speaker;
          const got = finals().filter(({ caption }) => caption?.speaker === speaker);
          t.same(
            got.map(({ caption }) => `${caption?.segment} ${caption?.text}`),
            expected.filter(of).map(({ segment, text }) => `${segment} ${text}`),
            `${meeting}/${speaker} to ${subscriber.identity}`,
          );
        }
        const tooMany = finals().filter((ended) => {
          const interims = subscriber.of('caption').filter((f) => !f.final && segmentOf(f) === segmentOf(ended));
          // Clocks are read to the millisecond.
          const openMs = ended.ts! - openedAt.get(segmentOf(ended))! + 2;
          return interims.length > 1 + Math.ceil(openMs / TICK_MS);
        });
        t.same(tooMany.map(segmentOf), [], `${meeting}: interims within their bound to ${subscriber.identity}`);
        const frozen = subscriber.received.every(({ frame }, index) => {
          const ended = subscriber.received.findIndex(
            (one) => one.frame.final && segmentOf(one.frame) === segmentOf(frame),
          );
          return ended < 0 || index <= ended;
        });
        t.ok(frozen, 'nothing of a segment after its final');
      }
      const published = trace.length - expected.length;
      const interims = subscribers[0]!.of('caption').filter((frame) => !frame.final).length;
      t.comment(`${meeting}: ${published} interims published, ${interims} received by each`);
    }),
  );
  await until(() => gateway.snapshot().queued.every((count) => count === 0), 'nothing to wait');
  t.equal(gateway.outcome('captions', 'rejected_session'), 0, 'nothing was over its rate');
  const { finals } = gateway.snapshot();
  t.equal(finals.delivered, finals.received);
  gateway.conserved();
});
