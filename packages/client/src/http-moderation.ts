import type { AuditPage, Ban, ReportPage, ReportReason, ReportState } from "@hubbub/protocol";
import { withQuery } from "./with-query.ts";

type Call = <Answer>(method: string, path: string, body?: object) => Promise<Answer>;

export interface AuditQuery {
  /** The id of a user, `operator` or `system`. */
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  /** Such as `member_ban`: docs/moderation.md has the names. */
  readonly act?: string | undefined;
  /** Unix ms: from then on, and before then. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly cursor?: string | undefined;
}

/** Mutes, bans, reports of messages, and the audit of a room. `HubbubHttp.removeMember` removes somebody without a ban. */
export class HttpModeration {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** For moderators: for that time the member only reads. @throws HubbubError forbidden, unknown_user */
  mute(room: string, user: string, seconds: number): Promise<void> {
    return this.#call("PUT", mutePath(room, user), { seconds });
  }

  unmute(room: string, user: string): Promise<void> {
    return this.#call("DELETE", mutePath(room, user));
  }

  /** For moderators. The user need not be a member. A ban without `seconds` has no end. @throws HubbubError forbidden, last_owner */
  ban(
    room: string,
    user: string,
    ban: { reason?: string | undefined; seconds?: number | undefined } = {},
  ): Promise<void> {
    return this.#call("PUT", banPath(room, user), ban);
  }

  /** The user is no member by that. */
  unban(room: string, user: string): Promise<void> {
    return this.#call("DELETE", banPath(room, user));
  }

  /** For moderators. */
  bans(room: string, cursor?: string): Promise<{ bans: Ban[]; cursor?: string | undefined }> {
    return this.#call("GET", withQuery(`${pathOf(room)}/bans`, { cursor }));
  }

  /** Of a message of somebody else. A second report of the same message answers the first. @throws HubbubError unknown_message, own_message, too_many_reports */
  report(
    room: string,
    seq: number,
    report: { reason: ReportReason; text?: string | undefined },
  ): Promise<{ id: string; state: ReportState }> {
    return this.#call("POST", `${pathOf(room)}/messages/${seq}/reports`, report);
  }

  /** For moderators: the oldest first. @throws HubbubError forbidden */
  reports(
    room: string,
    query: { state?: "open" | "closed" | undefined; cursor?: string | undefined } = {},
  ): Promise<ReportPage> {
    return this.#call("GET", withQuery(`${pathOf(room)}/reports`, query));
  }

  /** For moderators. @throws HubbubError forbidden, unknown_report */
  closeReport(
    room: string,
    report: string,
    decision: { state: "dismissed" | "acted"; note?: string | undefined },
  ): Promise<void> {
    return this.#call("PATCH", `${pathOf(room)}/reports/${encodeURIComponent(report)}`, decision);
  }

  /** For the server role admin: a message to everybody. The same `id` again is the same one. @throws HubbubError forbidden */
  announce(announcement: { id: string; text: string }): Promise<{ seq: number; epoch: number; at: number }> {
    return this.#call("POST", "/admin/announcements", announcement);
  }

  /** For moderators: the newest first. @throws HubbubError forbidden */
  audit(room: string, query: AuditQuery = {}): Promise<AuditPage> {
    return this.#call("GET", withQuery(`${pathOf(room)}/audit`, { ...query }));
  }
}

const pathOf = (room: string) => `/rooms/${encodeURIComponent(room)}`;
const mutePath = (room: string, user: string) => `${pathOf(room)}/mutes/${encodeURIComponent(user)}`;
const banPath = (room: string, user: string) => `${pathOf(room)}/bans/${encodeURIComponent(user)}`;
