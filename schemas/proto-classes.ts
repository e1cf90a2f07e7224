/** Messages as instances of the generated classes, so that what JSON says equals what protobuf decodes to. */
import type { MessageClasses } from './json-read.ts';
import { type Fields, SHAPES } from './json-shape.ts';
import { proto } from './proto.ts';

/** By the index of the shape. */
export const PROTO_CLASSES: MessageClasses = SHAPES.map(
  ({ name }) => (proto as unknown as Record<string, new () => Fields>)[name]!,
);
