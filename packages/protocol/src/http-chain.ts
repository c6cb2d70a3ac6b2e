import { z } from "zod";
import { seqText } from "./http.ts";
import { roomId, seq } from "./schemas.ts";

/** Links of one answer. */
export const CHAIN_PAGE = 100;

const hash = z.string();
/** See chain.ts. `event`: with the names that were sealed; only `room` and `seq`, if its row is gone. */
const entry = z.object({
  event: z.looseObject({}),
  salt: z.string().nullable(),
  commitment: hash.nullable(),
  link: hash,
  moved: z.record(z.string(), seq).optional(),
});

export const chainQuery = z.strictObject({ from: seqText.optional(), to: seqText.optional() });
/** `before`: the link that the first one follows. `sealed`: the newest link of the room. `next`: where the next page begins. */
export const roomChain = z.object({
  room: roomId,
  before: hash,
  entries: entry.array(),
  sealed: z.object({ seq, link: hash }),
  next: seq.optional(),
});
export type RoomChain = z.output<typeof roomChain>;
