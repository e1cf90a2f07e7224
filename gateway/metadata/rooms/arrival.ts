/**
 * A charged frame on its way into its room: what every step of that way has to know of it.
 *
 * Invariant: one object for each way in serves all frames that come that way, so nobody keeps it beyond the call, nor
 * what it points to in `source` and `moment`.
 */
import { FrameWalk } from '../../../schemas/frame-walk.ts';
import type { Publisher } from './publisher.ts';
import type { Moment } from './room-frame.ts';

export class Arrival {
  /** What was found in `source`. Who lets a frame arrive walks it first, frame and payload, and finds both sound. */
  readonly walk = new FrameWalk();
  publisher!: Publisher;
  source!: Buffer;
  /** The class it was charged in. */
  classIndex = -1;
  moment!: Moment;

  /** The next frame, which `walk` has walked or will have before it is looked at. */
  of(publisher: Publisher, source: Buffer, classIndex: number, moment: Moment): this {
    this.publisher = publisher;
    this.source = source;
    this.classIndex = classIndex;
    this.moment = moment;
    return this;
  }
}
