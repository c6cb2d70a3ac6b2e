import type { PublicUser, RoomId, UserId } from "@hubbub/protocol";

/** Bits of `Document.flags`. */
export const SEARCH_FLAGS = { link: 1, file: 2, pinned: 4 } as const;

export interface MessageKey {
  readonly room: RoomId;
  readonly seq: number;
}

/** A message as the index has it. */
export interface Document extends MessageKey {
  /** Unix ms. */
  readonly at: number;
  readonly user: UserId;
  readonly text: string;
  readonly flags: number;
}

/** A message as events and their projection have it now; `text` null: there is none, or it was deleted. */
export interface PresentMessage extends Omit<Document, "flags" | "text"> {
  readonly text: string | null;
  readonly hasFile: boolean;
  readonly isPinned: boolean;
}

/** What is to be brought into the index, from one snapshot of the rows. */
export interface Unindexed {
  readonly messages: readonly PresentMessage[];
  /** Entries of the journal that this covers. */
  readonly entries: readonly number[];
  /**
   * A range of the rows that were there before the journal, of which `messages` are all messages: after `from`, up to and with
   * `to`. `to` null: it is the last.
   */
  readonly range: { readonly from: MessageKey; readonly to: MessageKey | null } | null;
}

export interface IndexWrite {
  readonly documents: readonly Document[];
  /** Messages that the index must not have. */
  readonly removed: readonly MessageKey[];
  readonly entries: Unindexed["entries"];
  readonly range: Unindexed["range"];
}

/** The index of search behind the events. One process at a time writes it, under a lease. */
export interface SearchIndex {
  /** The token of the lease; null while another owner has it. The same owner renews it, under the same token. */
  acquire(owner: string, ttlMs: number): Promise<number | null>;
  release(token: number): Promise<void>;
  /** The oldest entries of the journal, up to about `eventsMax` events. */
  changed(eventsMax: number): Promise<Unindexed>;
  /** The next of the rows that were there before the journal; null: all are read. */
  older(eventsMax: number): Promise<Unindexed | null>;
  /** One transaction: documents, and how far they go. Repeating it changes nothing. false: the token is not valid. */
  write(token: number, write: IndexWrite): Promise<boolean>;
  /** All rows are read once more. Meanwhile the index stays in use. */
  rebuild(): Promise<void>;
  /** Makes the index of trigrams if it is missing. Returns why it cannot, or null. Needs the right to change the schema. */
  prepare(): Promise<string | null>;
  /** `lag`: batches in the journal, counted up to `lagMax`. `isComplete`: all older rows are read. */
  status(lagMax: number): Promise<{ readonly isReady: boolean; readonly lag: number; readonly isComplete: boolean }>;
}

/** A place in the order of results: newest first. */
export interface SearchPlace extends MessageKey {
  /** Unix ms. */
  readonly at: number;
}

export interface SearchFilter {
  /** Parts that the text of a document must have, and parts that it must not have. */
  readonly needles: readonly string[];
  readonly without: readonly string[];
  /** undefined: any. */
  readonly users: readonly UserId[] | undefined;
  readonly rooms: readonly RoomId[] | undefined;
  /** Unix ms: at or after, and before. */
  readonly after: number;
  readonly before: number;
  /** Bits that a document must have. */
  readonly flags: number;
}

/** The newest documents that match, at most as many as were asked for. */
export interface Found {
  readonly places: readonly SearchPlace[];
  /** Documents after this place were not looked at; null: all were. */
  readonly horizon: SearchPlace | null;
}

export interface FoundMessage extends SearchPlace {
  readonly by: PublicUser;
  readonly text: string;
  readonly thread: number | null;
  readonly isEdited: boolean;
  readonly isPinned: boolean;
}

/** How much a look may cost: documents that it reads at most, and milliseconds after which the database ends it. */
export interface SearchBounds {
  readonly documents: number;
  readonly results: number;
  readonly timeoutMs: number;
}

/** Every call returns only what this user may read at that moment. */
export interface Search {
  /** Whether the index of trigrams is there. */
  isReady(): Promise<boolean>;
  /** Ids by the names asked for; names that are not found, or whose rooms the user is not in, are missing. */
  resolve(
    user: UserId,
    names: { readonly users: readonly string[]; readonly rooms: readonly string[] },
  ): Promise<{ users: ReadonlyMap<string, UserId>; rooms: ReadonlyMap<string, readonly RoomId[]> }>;
  /** Reads the newest documents of the rooms of a user. */
  scan(user: UserId, filter: SearchFilter, behind: SearchPlace, bounds: SearchBounds): Promise<Found>;
  /**
   * Looks them up by the parts of their texts, or by author; null: more than `documents` match, so which of them are the newest
   * is not known.
   */
  lookUp(user: UserId, filter: SearchFilter, behind: SearchPlace, bounds: SearchBounds): Promise<Found | null>;
  /** With their present texts. A message that was deleted is missing. */
  read(user: UserId, keys: readonly MessageKey[]): Promise<readonly FoundMessage[]>;
}
