import type { PublicUser, Role, RoomId, UserId, Visibility } from "@hubbub/protocol";

export interface ReadMark {
  readonly room: RoomId;
  readonly user: UserId;
  readonly seq: number;
}

/** For which messages of a room a user wants to be notified. */
export type NotificationLevel = "all" | "mentions" | "nothing";

export interface RoomPreferences {
  readonly level: NotificationLevel;
  readonly isStarred: boolean;
}

/** Counts are those of the moment: nothing is stored as a counter. */
export interface RoomState extends RoomPreferences {
  readonly room: RoomId;
  readonly name: string;
  readonly visibility: Visibility;
  readonly topic: string;
  readonly role: Role;
  /** The newest stored seq; 0: none. */
  readonly head: number;
  /** Of the newest stored event, or a newer one that the room has begun; 0: none. */
  readonly epoch: number;
  readonly read: number;
  /** Messages of others above the mark, at most `UNREAD_MAX`. */
  readonly unread: number;
  readonly mentions: number;
  /** The newest message. */
  readonly last:
    | { readonly seq: number; readonly at: number; readonly by: PublicUser; readonly text: string }
    | undefined;
}

export interface Draft {
  readonly text: string;
  /** When it was typed, Unix ms. */
  readonly at: number;
}

export interface StateQuery {
  readonly user: UserId;
  /** Unix ms: only rooms with something newer. */
  readonly since: number | undefined;
  /** Rooms after this one, by id. */
  readonly after: RoomId | undefined;
}

export interface UserState {
  /** By id. */
  readonly rooms: readonly RoomState[];
  /** On the first page: drafts with a text in rooms of the user. */
  readonly drafts: readonly (Draft & { readonly room: RoomId })[];
  /** On the first page: open invitations, the newest first. */
  readonly invitations: readonly OpenInvitation[];
  /** On the first page: what the user says of themselves. */
  readonly status: StatusShown;
  /** On the first page: rooms that the user moderates, with the number of their open reports if there are any. */
  readonly reports: readonly { readonly room: RoomId; readonly open: number }[];
  /** All rooms of the user. */
  readonly joined: number;
  /** Of the database, Unix ms. */
  readonly at: number;
  /** undefined: no further rooms. */
  readonly cursor: RoomId | undefined;
}

export interface OpenInvitation {
  readonly room: RoomId;
  readonly name: string;
  readonly by: PublicUser;
  /** Unix ms. */
  readonly at: number;
}

export interface Unread {
  /** Moves marks forwards, in one statement. Marks of users that are not members are ignored. */
  mark(marks: readonly ReadMark[]): Promise<void>;
  /** In one statement for any number of users, in their order; `limit`: rooms that are looked at for each. */
  states(asked: readonly StateQuery[], limit: number): Promise<readonly UserState[]>;
  /**
   * The later text of a room wins; "" for none. Answers what holds now, and whether it is this one. At the bounds of a user the oldest
   * drafts go.
   */
  setDraft(user: UserId, room: RoomId, draft: Draft): Promise<Draft & { readonly taken: boolean }>;
  /** What is undefined stays as it is. Resolves to what holds now. */
  prefer(user: UserId, room: RoomId, wish: Partial<RoomPreferences>): Promise<RoomPreferences>;
}

export interface Status {
  readonly isAway: boolean;
  readonly emoji: string | undefined;
  readonly text: string | undefined;
  /** Unix ms; undefined: without end. */
  readonly until: number | undefined;
  readonly hidesLastSeen: boolean;
}

/** As others see it now. */
export type StatusShown = Pick<Status, "isAway"> & Partial<Pick<Status, "emoji" | "text" | "until">>;

export interface Person extends Status {
  readonly user: UserId;
  /** Unix ms of the last login or refresh of the user's sessions; undefined: unknown or hidden. */
  readonly lastSeen: number | undefined;
}

export interface Statuses {
  /** Of those among `users` that share a room with `viewer`, and of the viewer. In one statement. */
  among(viewer: UserId, users: readonly UserId[]): Promise<readonly Person[]>;
  /** What is undefined stays as it is; null takes it away. */
  set(
    user: UserId,
    wish: {
      readonly isAway?: boolean | undefined;
      readonly hidesLastSeen?: boolean | undefined;
      readonly status?: Pick<Status, "emoji" | "text" | "until"> | null | undefined;
    },
  ): Promise<Status>;
}
