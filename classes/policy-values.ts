/** The values a policy is made of: numbers with their ranges, names, patterns, and the mark of what is not enforced yet. */
import { z } from 'zod';

/** What a description begins with when nothing acts on the value yet. */
export const NOT_ENFORCED = 'Not enforced yet';

/** Describes a part that is validated, but that nothing acts on yet. */
export function later<Schema extends z.ZodType>(schema: Schema, about: string): Schema {
  return schema.describe(`${NOT_ENFORCED}: ${about}`);
}

/** A number above 0, within what is sensible. */
export function positive(): z.ZodNumber {
  return z.number().positive().max(1e9);
}

/** A duration above 0, at most a day, ms. */
export function milliseconds(): z.ZodNumber {
  return z.number().positive().max(86_400_000);
}

/** A share: above 0, at most 1. */
export function shareOfOne(): z.ZodNumber {
  return z.number().positive().max(1);
}

/** The name of a class, tier, model or the like. */
export function name(): z.ZodString {
  return z
    .string()
    .max(64)
    .regex(/^[A-Za-z][\w.-]*$/, 'expected a name: a letter, then letters, digits, "-", "_" or "."');
}

/** A text in which `*` stands for any text, also none. */
export function pattern(): z.ZodString {
  return z.string().min(1).max(128);
}
