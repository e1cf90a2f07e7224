/** What the JSON mapping takes, what it refuses and how it says so. */
import t from 'tap';
import { CloseCode } from './close-codes.ts';
import { decodeFrame, encodeFrame, isFrameError } from './frame-codec.ts';
import { Kind } from './kinds.ts';
import type { Frame } from './proto.ts';

/** Text by what the refusal says. A title is the rule. */
const refusals: readonly (readonly [rule: string, text: string, says: string])[] = [
  ['WIRE-8 kind first', '{"id":1,"kind":"ping"}', 'frame: expected "kind" as its first member'],
  ['WIRE-8 an object', '[]', 'frame: expected an object, found an array'],
  ['WIRE-9 no JSON', '{"kind":"ping",}', 'frame: expected JSON, but '],
  [
    'WIRE-9 a string for a number',
    '{"kind":"caption","segment":"x"}',
    'caption.segment: expected an integer from 0 to 4294967295, found "x"',
  ],
  ['WIRE-9 a fraction', '{"kind":"ping","id":1.5}', 'ping.id: expected an integer from 0 to 4294967295, found 1.5'],
  ['WIRE-9 a negative', '{"kind":"ping","id":-1}', 'ping.id: expected an integer from 0 to 4294967295, found -1'],
  [
    'WIRE-9 one too many',
    '{"kind":"ping","id":4294967296}',
    'ping.id: expected an integer from 0 to 4294967295, found 4294967296',
  ],
  ['WIRE-9 a number for a string', '{"kind":"join","room":7}', 'join.room: expected a string, found 7'],
  ['WIRE-9 a number for a bool', '{"kind":"mute","muted":1}', 'mute.muted: expected true or false, found 1'],
  [
    'WIRE-9 a number for an enum',
    '{"kind":"caption","mode":1}',
    'caption.mode: expected one of replace, append, found 1',
  ],
  ['WIRE-9 null', '{"kind":"join","resume":null}', 'join.resume: expected an object, found null'],
  [
    'WIRE-9 an object for an array',
    '{"kind":"subscribe","langs":{}}',
    'subscribe.langs: expected an array, found an object',
  ],
  ['WIRE-9 inside an array', '{"kind":"subscribe","langs":["en",2]}', 'subscribe.langs[1]: expected a string, found 2'],
  [
    'WIRE-9 inside an object',
    '{"kind":"join","resume":{"lastSeq":true}}',
    'join.resume.lastSeq: expected an integer from 0 to 4294967295, found true',
  ],
  ['WIRE-9 beyond doubles', '{"kind":"ping","sentMs":1e999}', 'ping.sentMs: expected a number, found Infinity'],
  [
    'WIRE-9 beyond floats',
    '{"kind":"caption","confidence":1e39}',
    'caption.confidence: expected a number, found 1e+39',
  ],
  ['WIRE-9 base64 without padding', '{"kind":"gauge","value":"YQ"}', 'gauge.value: expected padded base64, found "YQ"'],
  [
    'WIRE-9 base64 with stray bits',
    '{"kind":"gauge","value":"YR=="}',
    'gauge.value: expected padded base64, found "YR=="',
  ],
  ['WIRE-9 base64 for URLs', '{"kind":"gauge","value":"-_-_"}', 'gauge.value: expected padded base64, found "-_-_"'],
  ['WIRE-9 half a surrogate pair', '{"kind":"caption","text":"\\ud83c"}', 'caption.text: expected well-formed Unicode'],
  ['WIRE-9 final as a number', '{"kind":"caption","final":1}', 'caption.final: expected true or false, found 1'],
  [
    'WIRE-10 an unknown kind',
    '{"kind":"capton"}',
    'frame.kind: expected a known kind, found "capton" (did you mean "caption"?)',
  ],
  [
    'WIRE-10 an unknown member',
    '{"kind":"caption","segmnt":1}',
    'caption: unknown member "segmnt" (did you mean "segment"?)',
  ],
  [
    'WIRE-10 an unknown nested member',
    '{"kind":"join","resume":{"lastSeg":1}}',
    'join.resume: unknown member "lastSeg" (did you mean "lastSeq"?)',
  ],
  [
    'WIRE-10 an unknown word',
    '{"kind":"agentTurn","phase":"strated"}',
    'agentTurn.phase: expected one of started, delta, done, interrupted, failed, found "strated" (did you mean "started"?)',
  ],
  [
    'WIRE-10 the word none',
    '{"kind":"subscribe","kinds":["none"]}',
    'subscribe.kinds[0]: expected a known word, found "none"',
  ],
  ['WIRE-10 another case', '{"kind":"caption","Text":"x"}', 'caption: unknown member "Text" (did you mean "text"?)'],
  ['WIRE-10 __proto__', '{"kind":"ping","__proto__":{}}', 'ping: unknown member "__proto__"'],
  ['WIRE-3 final on another kind', '{"kind":"ping","final":true}', 'ping: unknown member "final"'],
  ['WIRE-4 from', '{"kind":"caption","from":"ann"}', 'caption.from: only the gateway may set this'],
  ['WIRE-4 ts', '{"kind":"ping","ts":1}', 'ping.ts: only the gateway may set this'],
  ['WIRE-11 a member twice', '{"kind":"ping","id":1,"id":2}', 'frame: member "id" comes twice'],
  ['WIRE-11 the kind twice', '{"kind":"ping","id":1,"kind":"leave"}', 'frame: member "kind" comes twice'],
  [
    'WIRE-11 a nested member twice',
    '{"kind":"join","resume":{"session":"a","session":"a"}}',
    'frame: member "session" comes twice',
  ],
  ['WIRE-11 twice by escape', '{"kind":"ping","id":1,"\\u0069d":2}', 'frame: member "id" comes twice'],
  [
    'WIRE-11 twice in a batch',
    '{"kind":"batch","frames":[{"kind":"ping","id":1,"id":1}]}',
    'frame: member "id" comes twice',
  ],
  [
    'WIRE-11 an escaped name',
    '{"kind":"caption","f\\u0069nal":true}',
    'frame: expected member names spelled without escapes',
  ],
  [
    'WIRE-6 a nested batch',
    '{"kind":"batch","frames":[{"kind":"batch"}]}',
    'batch.frames[0]: a batch must not hold a batch',
  ],
  [
    'WIRE-6 a numbered batch',
    '{"kind":"batch","number":1,"frames":[]}',
    'batch.number: only the gateway numbers batches',
  ],
  [
    'WIRE-6 a fault in a batch',
    '{"kind":"batch","frames":[{"kind":"ping"},{"kind":"ping","id":""}]}',
    'batch.frames[1].id: expected an integer',
  ],
  [
    'WIRE-6 65 frames',
    `{"kind":"batch","frames":[${Array(65).fill('{"kind":"ping"}')}]}`,
    'batch.frames: expected at most 64 frames, found 65',
  ],
];
for (const [rule, text, says] of refusals) {
  t.test(`${rule}: ${text.slice(0, 70)} is refused`, async (t) => {
    const result = decodeFrame(text, true);
    t.ok(isFrameError(result));
    t.match(result, { closeCode: CloseCode.badFrame, reason: 'badFrame' });
    const { message } = result as { message: string };
    t.equal(message.slice(0, says.length), says);
    t.ok(message.length < 300, 'and short');
    const fromBytes = decodeFrame(Buffer.from(text), true);
    t.same(fromBytes, result, 'bytes and text are refused alike');
  });
}

t.test('WIRE-5 text that is not UTF-8 is refused', async (t) => {
  const bytes = Buffer.concat([Buffer.from('{"kind":"join","room":"'), Buffer.from([0xff]), Buffer.from('"}')]);
  t.match(decodeFrame(bytes, true), { error: true, message: 'frame: expected UTF-8' });
});

t.test('WIRE-6 a client may send 64 frames at once', async (t) => {
  const text = `{"kind":"batch","frames":[${Array(64).fill('{"kind":"gauge","pub":1}')}]}`;
  t.equal((decodeFrame(text, true) as Frame).batch?.frames?.length, 64);
});

t.test('WIRE-4 a client may set pub, and final on a caption', async (t) => {
  t.match(decodeFrame('{"kind":"caption","final":true,"pub":3}', true), { final: true, pub: 3 });
});

t.test('WIRE-12 what the contract requires is written at its default, what it does not is left out', async (t) => {
  const written = encodeFrame({ kind: Kind.caption, caption: { stream: 'mic' } }, true);
  t.equal(
    written,
    '{"kind":"caption","final":false,"stream":"mic","segment":0,"mode":"replace","revision":0,"text":""}',
  );
  t.equal(
    encodeFrame({ kind: Kind.error, error: { code: 400 } }, true),
    '{"kind":"error","code":400,"reason":"","message":""}',
  );
  t.equal(encodeFrame({ kind: Kind.error, error: { id: 0, code: 400 } }, true).slice(0, 23), '{"kind":"error","id":0,');
});

t.test("WIRE-12 where payload and envelope share a name, the payload's is written", async (t) => {
  const written = encodeFrame({ kind: Kind.credit, class: 'premium', credit: { class: 'captions', frames: 3 } }, true);
  t.equal(written, '{"kind":"credit","class":"captions","frames":3}');
  t.match(
    decodeFrame(written, true),
    { credit: { class: 'captions', frames: 3 } },
    'and a client may read it as its own',
  );
});

t.test('WIRE-12 a float is written as short as it reads back', async (t) => {
  for (const value of [0.9, 0.1, 1, -0, 1 / 3, 1e-45, 3.4028234663852886e38]) {
    const confidence = Math.fround(value);
    const text = encodeFrame({ kind: Kind.caption, caption: { confidence } }, true) as string;
    t.equal((decodeFrame(text, true) as Frame).caption?.confidence, confidence, `${value}`);
    if (value === 0.9) t.match(text, '"confidence":0.9}');
  }
});

t.test('WIRE-12 what JSON cannot say is left out', async (t) => {
  const infinite = encodeFrame(
    { kind: Kind.stats, stats: { rttMs: Number.POSITIVE_INFINITY, jitterMs: Number.NaN } },
    true,
  );
  t.equal(infinite, '{"kind":"stats"}');
  t.notMatch(encodeFrame({ kind: Kind.caption, caption: { state: 99 as 0 } }, true), 'state');
  t.equal(
    encodeFrame({ kind: Kind.subscribe, subscribe: { kinds: [99 as 0, Kind.gauge] } }, true),
    '{"kind":"subscribe","id":0,"kinds":["gauge"]}',
  );
});
