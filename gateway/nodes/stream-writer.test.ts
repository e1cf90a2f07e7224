import fc from 'fast-check';
import t from 'tap';
import { nodeRefusal } from './node-auth.ts';
import { StreamWriter } from './stream-writer.ts';

/** Takes so many messages, then none until drained. */
class SlowStream {
  readonly written: number[] = [];
  room = 0;
  #drained: () => void = () => {};

  write(message: number): boolean {
    this.written.push(message);
    this.room--;
    return this.room > 0;
  }
  on(_event: 'drain', listener: () => void): void {
    this.#drained = listener;
  }
  drain(room: number): void {
    this.room = room;
    this.#drained();
  }
}

t.test('CTRL-38 commands keep their order, wait while the stream is full, and are bounded', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('write'), fc.integer({ min: 1, max: 5 }))), (steps) => {
      const stream = new SlowStream();
      let readied = 0;
      const writer = new StreamWriter<number>(stream, 4, () => readied++);
      let number = 0;
      const taken: number[] = [];
      for (const step of steps) {
        if (step === 'write') {
          if (writer.write(++number)) taken.push(number);
        } else stream.drain(step as number);
        if (writer.queued > 4) return false;
        if (writer.ready && writer.queued > 0) return false;
      }
      for (let index = 0; index < 10; index++) stream.drain(5);
      return stream.written.join() === taken.join() && writer.queued === 0 && readied > 0;
    }),
  );
  const stream = new SlowStream();
  const writer = new StreamWriter<number>(stream, 2);
  t.same(
    [1, 2, 3, 4].map((number) => writer.write(number)),
    [true, true, true, false],
  );
  t.equal(writer.stop(), 2);
  t.notOk(writer.write(5));
  stream.drain(9);
  t.same(stream.written, [1]);
});

t.test('CTRL-34 without node tokens only this machine is let in', async (t) => {
  for (const peer of ['127.0.0.1:5000', '127.8.8.8:1', '[::1]:5000', '::1:5000', '[::ffff:127.0.0.1]:80']) {
    t.equal(nodeRefusal(undefined, peer, []), null, peer);
  }
  for (const peer of ['10.0.0.1:5000', '[2001:db8::1]:5000', '1127.0.0.1:80', '[::ffff:10.0.0.1]:1']) {
    t.match(nodeRefusal(undefined, peer, []), /only nodes on this machine/, peer);
  }
  t.equal(nodeRefusal('Bearer good', '10.0.0.1:1', ['good']), null);
  t.equal(nodeRefusal('bearer good', '10.0.0.1:1', ['good']), null);
  for (const bad of [undefined, '', 'good', 'Bearer', 'Basic good', 'Bearer bad', 'Bearer good bad']) {
    t.type(nodeRefusal(bad, '127.0.0.1:1', ['good']), 'string', `${bad}`);
  }
});
