/** What can be wrong, by code. Codes are stable: scripts may ask for them. */
export const FAULTS = {
  hole: "a seq of the room's newest epoch is no row, and rows follow it",
  duplicate: "one event id of one user at two seqs, within the time in which it is recognised",
  "epoch-order": "the epoch falls while seq rises",
  differs: "Redis and Postgres have different events at one seq",
  "not-stored": "Redis has an event that counts as committed, and no row has it",
  "head-behind": "Redis numbers the room below what is stored",
  "mark-ahead": "the durable mark is above everything stored",
  "state-text": "the text or the edits of a message are not what its events make of it",
  "state-deleted": "a message is shown, and an event deletes it; or the other way round",
  "state-pin": "the pin of a message is not what its events make of it",
  "state-replies": "the replies of a thread are not counted as its events are",
  "state-reactions": "reactions to a message are not what its events make of them",
  "text-left": "a message is deleted, and a row still has its text, mentions or files",
  "text-gone": "a text is gone, and no event deletes it or replaces it",
  mentions: "a mention is not what its message says",
  "offset-ahead": "the writer's position lies behind the end of the log: it would skip entries",
  "member-unknown": "a member who is no user, or of no room",
  "author-unknown": "events of a user who is not there",
  "room-unknown": "events of a room that is not there",
} as const;

/** What is no fault and cannot be seen from outside otherwise. */
export const NOTES = {
  renumbered: "seqs without a row from before a later epoch: offered again under later numbers, or lost with the log",
  adrift:
    "changed seqs without a message: the log was lost before the message was stored, and whoever accepted it ended",
  "sent-again": "event ids that came again after the time in which they are recognised",
  unreadable: "what Redis has and is no event: the writer buries it as a dead letter",
  waiting: "events of the log that are not committed yet",
  "unlike-log": "shards whose position is of an earlier log: their writer begins anew. Is REDIS_PREFIX right?",
  "dead-letters": "entries that could not be stored: `dead-letters` prints them",
} as const;

/** A change is added to a stored state; only without one the writer computes it from all events. */
const AGAIN =
  "delete the rows of the message from hubbub.message_state and hubbub.reactions, then react to it and take that back, or delete it again if an event deletes it; see docs/operations.md";

/** What to do about a fault of the projection. The events are right, the projection is computed from them. */
export const ADVICE: Partial<Record<FaultCode, string>> = {
  "state-text": AGAIN,
  "state-deleted": AGAIN,
  "state-pin": AGAIN,
  "state-replies": AGAIN,
  "state-reactions": AGAIN,
  "text-left": AGAIN,
  "text-gone": "take the text from a backup: nothing else has it once the log has let it go",
  mentions: "correct the row in hubbub.mentions: a message writes its mentions once",
};

export type FaultCode = keyof typeof FAULTS;
export type NoteCode = keyof typeof NOTES;

/** How much was looked at. */
export const LOOKED_AT = {
  rooms: "rooms",
  rows: "rows",
  epochs: "epochs that were begun",
  states: "changed messages folded",
  heads: "heads in Redis",
  tailEvents: "events of tails compared",
  logEvents: "events of the log compared",
  shards: "shards",
  members: "members",
} as const;

export type LookedAt = keyof typeof LOOKED_AT;
export type Looked = Readonly<Record<LookedAt, number>>;
