import type { RoomId, UserId } from "@hubbub/protocol";

/** `system`: the cluster by itself. `unknown`: somebody who did not sign in. */
export type Actor = UserId | "operator" | "system" | "unknown";

/** Who does something, and the address of their client. */
export interface Acting {
  readonly by: Actor;
  readonly address?: string | undefined;
}

export interface AuditAct extends Acting {
  readonly act: AuditActName;
  readonly subject?: UserId | undefined;
  readonly room?: RoomId | undefined;
  readonly seq?: number | undefined;
  /** Default `done`. */
  readonly outcome?: "done" | "refused" | undefined;
  /** Ids, roles, numbers and codes. No secrets, and nothing that a person typed. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** What a person typed, such as a reason: emptied when the actor or the subject is erased. */
  readonly note?: string | undefined;
}

/** One entry a name, so that no act is spelt in two ways. */
export type AuditActName =
  | "role_set"
  | "member_remove"
  | "member_mute"
  | "member_unmute"
  | "member_ban"
  | "member_unban"
  | "room_change"
  | "room_archive"
  | "room_unarchive"
  | "room_chain"
  | "room_model"
  | "room_delete"
  | "room_reopen"
  | "invite_create"
  | "invite_revoke"
  | "invitation_create"
  | "message_delete"
  | "server_role_set"
  | "account_suspend"
  | "account_unsuspend"
  | "report_close"
  | "flood_mute"
  | "login"
  | "login_failed"
  | "session_end"
  | "refresh_reused"
  | "password_change"
  | "password_reset"
  | "email_change"
  | "guest_upgrade"
  | "totp_on"
  | "totp_off"
  | "recovery_codes"
  | "factors_reset"
  | "passkey_add"
  | "passkey_remove"
  | "token_create"
  | "token_revoke"
  | "bot_create"
  | "bot_delete"
  | "hook_create"
  | "hook_delete"
  | "identity_link"
  | "identity_unlink"
  | "announcement"
  | "connections_read"
  | "account_export"
  | "account_erase"
  | "zone_drain"
  | "zone_undrain"
  | "process_drain"
  | "process_undrain"
  | "rebalance";

export interface AuditRecord {
  readonly id: string;
  readonly at: number;
  readonly actor: Actor;
  /** Present names of users, null where there is none. */
  readonly actorName: string | null;
  readonly act: string;
  readonly subject: UserId | null;
  readonly subjectName: string | null;
  readonly room: RoomId | null;
  readonly seq: number | null;
  readonly address: string | null;
  readonly outcome: "done" | "refused";
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly note: string | null;
}

export interface AuditFilter {
  readonly actor?: Actor | undefined;
  readonly subject?: UserId | undefined;
  readonly room?: RoomId | undefined;
  readonly act?: string | undefined;
  /** From this time on, and before this time. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

export interface Audit {
  /** For an act that writes nothing else. Acts with rows of their own write theirs in the same transaction. */
  write(act: AuditAct): Promise<void>;
  /** The newest first. @throws ProtocolError bad_request: the cursor is not from this server */
  list(
    filter: AuditFilter,
    page: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<{ readonly entries: readonly AuditRecord[]; readonly cursor: string | undefined }>;
  /** Deletes entries from before a time; answers how many, at most `limit`. The last day is never deleted. */
  expire(before: Date, limit: number): Promise<number>;
}
