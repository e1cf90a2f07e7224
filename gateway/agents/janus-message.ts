/** What Janus says, read once where it comes in; and the errors it answers with. */
import { z } from 'zod';

const Id = z.union([z.number(), z.string()]);
/** Janus' numbers of rooms and feeds; text where it was configured for that. */
export type JanusId = z.infer<typeof Id>;

/** A stream as a publisher has it (`mid`), or as a subscription carries it (`feed_id`, `feed_mid`, in section `mid`). */
const Stream = z.object({
  type: z.string().optional(),
  mid: z.string().optional(),
  disabled: z.boolean().optional(),
  active: z.boolean().optional(),
  feed_id: Id.optional(),
  feed_mid: z.string().optional(),
  feed_display: z.string().optional(),
});
export type JanusStream = z.infer<typeof Stream>;

const Publisher = z.object({ id: Id, display: z.string().default(''), streams: z.array(Stream).default([]) });
export type JanusFeed = z.infer<typeof Publisher>;

/** The videoroom's part of a message. */
const RoomData = z.object({
  videoroom: z.string().default(''),
  id: Id.optional(),
  private_id: z.number().optional(),
  publishers: z.array(Publisher).default([]),
  streams: z.array(Stream).default([]),
  participants: z.array(z.object({ id: Id })).default([]),
  /** The feed that went; `ok` where it is our own. */
  unpublished: Id.optional(),
  leaving: Id.optional(),
  error_code: z.number().optional(),
  error: z.string().optional(),
});
export type RoomData = z.infer<typeof RoomData>;

const Jsep = z.object({ type: z.enum(['offer', 'answer']), sdp: z.string() });
export type Jsep = z.infer<typeof Jsep>;

const Candidate = z.object({
  candidate: z.string().default(''),
  sdpMid: z.string().optional(),
  sdpMLineIndex: z.number().optional(),
  completed: z.boolean().optional(),
});
export type JanusCandidate = z.infer<typeof Candidate>;

const Message = z.object({
  janus: z.string(),
  transaction: z.string().optional(),
  sender: z.number().optional(),
  reason: z.string().optional(),
  data: z.object({ id: z.number() }).optional(),
  plugindata: z.object({ data: RoomData }).optional(),
  jsep: Jsep.optional(),
  candidate: Candidate.optional(),
  error: z.object({ code: z.number(), reason: z.string().default('') }).optional(),
});
export type JanusMessage = z.infer<typeof Message>;

/** Codes of the videoroom's errors that are dealt with by name. */
export const JanusCode = { noSuchSession: 458, noSuchFeed: 428, invalidElement: 430, roomExists: 427 } as const;

/** A refusal by Janus, with its number. */
export class JanusError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Reads a message; null when it is none. */
export function readJanusMessage(text: string): JanusMessage | null {
  try {
    return Message.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** The refusal in a message, if it is one: of Janus itself, or of the videoroom, whose errors come as events. */
export function janusErrorOf({ error, plugindata }: JanusMessage): JanusError | null {
  if (error) return new JanusError(error.code, error.reason || `Janus error ${error.code}`);
  const code = plugindata?.data.error_code;
  return code === undefined ? null : new JanusError(code, plugindata?.data.error ?? `videoroom error ${code}`);
}
