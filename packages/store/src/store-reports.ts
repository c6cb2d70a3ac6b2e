import type { PublicUser, ReportReason, ReportState, RoomId, UserId } from "@hubbub/protocol";
import type { Acting } from "./store-audit.ts";

export interface NewReport {
  readonly room: RoomId;
  readonly isDirect: boolean;
  readonly seq: number;
  readonly by: UserId;
  readonly reason: ReportReason;
  readonly text?: string | undefined;
  readonly author: UserId;
  /** The message as the reporter sees it, and its time (Unix ms). */
  readonly message: string;
  readonly messageAt: number;
}

/** A message near the reported one, as it is now. `text` null: it was deleted. */
export interface ReportContext {
  readonly seq: number;
  readonly at: number;
  readonly by: PublicUser;
  readonly text: string | null;
}

export interface ReportRecord {
  readonly id: string;
  readonly room: RoomId;
  readonly seq: number;
  readonly at: number;
  readonly by: PublicUser;
  readonly reason: ReportReason;
  /** null here and in `message` and `note`: there is none, or its author was erased. */
  readonly text: string | null;
  readonly author: PublicUser;
  readonly message: string | null;
  readonly messageAt: number;
  /** Of the message, since. */
  readonly isDeleted: boolean;
  readonly state: ReportState;
  readonly closedAt: number | null;
  readonly closedBy: string | null;
  readonly note: string | null;
  readonly context: readonly ReportContext[];
}

export interface ReportFilter {
  /** Of one room; or, for operators, of all direct rooms, or of all others. */
  readonly of: { readonly room: RoomId } | { readonly isDirect: boolean };
  readonly isOpen: boolean;
  /** Reports of this user's messages are left out. */
  readonly notOf?: UserId | undefined;
  /** No context from before this event. */
  readonly from?: number | undefined;
}

export interface Reports {
  /**
   * A user has one report of a message: a second call answers the first. `full`: the room or the user has as many open reports as may be;
   * calls at one time may pass the bounds by a few.
   */
  add(
    report: NewReport,
    bounds: { readonly ofRoom: number; readonly ofUser: number },
  ): Promise<{ readonly id: string; readonly state: ReportState; readonly isNew: boolean } | "full">;
  /** The oldest first. @throws ProtocolError bad_request: the cursor is not from this server */
  list(
    filter: ReportFilter,
    page: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<{ readonly reports: readonly ReportRecord[]; readonly cursor: string | undefined }>;
  /**
   * Closes a report, or decides a closed one anew, with its entry of the audit. `absent`: there is no such report in the room, or it is of a
   * message of the one who acts. `room` undefined: any.
   */
  close(
    report: { readonly id: string; readonly room?: RoomId | undefined },
    decision: { readonly state: Exclude<ReportState, "open">; readonly note?: string | undefined },
    acting: Acting,
  ): Promise<"absent" | { readonly room: RoomId; readonly author: UserId }>;
  /** At most `limit` moderators and stronger, each with the number of open reports of messages of others. */
  queue(room: RoomId, limit: number): Promise<readonly { readonly user: UserId; readonly open: number }[]>;
  /** Deletes reports that were closed before a time; answers how many, at most `limit`. */
  deleteClosed(before: Date, limit: number): Promise<number>;
}
