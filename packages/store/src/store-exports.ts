import type { ExportId, ExportState, FileId, RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import type { FileRecord } from "./store-files.ts";

/** `too_large`: the archive would be larger than this server makes. */
export type ExportFault = "too_large" | "failed";

export interface ExportRecord {
  readonly id: ExportId;
  readonly user: UserId;
  readonly state: ExportState;
  readonly requestedAt: Date;
  readonly doneAt: Date | null;
  readonly expiresAt: Date | null;
  /** SHA-256 of the archive; null: there is none, or none yet. */
  readonly hash: string | null;
  /** Of the archive, as far as it is made. */
  readonly bytes: number;
  readonly partsDone: number;
  /** 0: not known yet. */
  readonly partsTotal: number;
  readonly reason: ExportFault | null;
}

/** An export that the caller has the lease of. `attempts`: how often it was begun, this time included. */
export type OpenExport = ExportRecord & { readonly attempts: number };

/** What one try has made so far. */
export type ExportProgress = Pick<ExportRecord, "partsDone" | "partsTotal" | "bytes">;

/** The lease of an export. Every write of its holder renews it. */
export interface ExportLease {
  readonly id: ExportId;
  readonly owner: string;
  readonly ttlMs: number;
}

/** Rows of exports. Their archives are in a storage that the caller has. Writes under a lease answer false once it is lost. */
export interface Exports {
  /**
   * The user's open export, or else a new one under `id`. A number: how many milliseconds have to pass until the user may ask again;
   * `pauseMs` is how long that takes after an export that did not fail. A new export is an entry of the audit, with the address.
   */
  request(user: UserId, id: ExportId, pauseMs: number, address?: string): Promise<ExportRecord | number>;
  /** Newest first. */
  list(user: UserId, limit: number): Promise<readonly ExportRecord[]>;
  find(user: UserId, id: ExportId): Promise<ExportRecord | null>;
  /** Ends an export before its time. false: the user has none under this id. */
  expire(user: UserId, id: ExportId): Promise<boolean>;
  /** Takes an open export that nobody works on. null: there is none. */
  claim(owner: string, ttlMs: number): Promise<OpenExport | null>;
  /** Also says that there is no archive: what an earlier try has left is removed before. */
  progress(lease: ExportLease, progress: ExportProgress): Promise<boolean>;
  /** Notes which archive is about to get its name, so that it is removed if nothing is written after this. */
  keep(lease: ExportLease, archive: { readonly hash: string; readonly bytes: number }): Promise<boolean>;
  finish(lease: ExportLease, expiresAt: Date): Promise<boolean>;
  fail(lease: ExportLease, reason: ExportFault): Promise<boolean>;
  /** Gives the export back. Nobody takes it for `waitMs`; 0: this try does not count. */
  release(lease: Omit<ExportLease, "ttlMs">, waitMs: number): Promise<void>;
  /** Archives that are over. The caller removes them from the storage and calls `forget`; others get them again after `ttlMs`. */
  takeExpired(owner: string, ttlMs: number, limit: number): Promise<readonly { id: ExportId; hash: string }[]>;
  forget(id: ExportId): Promise<void>;
  /** Deletes rows without an archive that were asked for before a time. Returns how many. */
  deleteOld(before: Date, limit: number): Promise<number>;
  readonly contents: ExportContents;
}

/** One line of a section. `key`: where it stands, for the next page. */
export interface ExportLine {
  readonly key: readonly string[];
  readonly line: object;
}

/** A file of the archive with rows of the user. */
export interface ExportSection {
  readonly name: string;
  /** For the archive's README. */
  readonly about: string;
}

/** What users have here, in pages by key. */
export interface ExportContents {
  readonly sections: readonly ExportSection[];
  /** How much there is: rooms that the user is in or was in, files and their bytes. */
  count(user: UserId): Promise<{ readonly rooms: number; readonly files: number; readonly fileBytes: number }>;
  /** `after`: the key of the last line before; [] for the beginning. */
  section(name: string, user: UserId, after: readonly string[], limit: number): Promise<readonly ExportLine[]>;
  rooms(user: UserId, after: RoomId | null, limit: number): Promise<readonly RoomId[]>;
  /**
   * Events of the user after `after`, rising. `last`: the seq up to which rows were looked at; null: there are no rows after `after`.
   */
  events(
    user: UserId,
    room: RoomId,
    after: number,
    limit: { readonly events: number; readonly rows: number },
  ): Promise<{ readonly events: readonly RoomEvent[]; readonly last: number | null }>;
  /** The hash of the user's picture. */
  avatar(user: UserId): Promise<string | null>;
  files(user: UserId, after: FileId | null, limit: number): Promise<readonly FileRecord[]>;
}
