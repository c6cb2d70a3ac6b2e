import type { EventId, FileId, FileInfo, RoomId, UserId } from "@hubbub/protocol";

/** A finished upload. */
export interface FileRecord {
  readonly id: FileId;
  readonly room: RoomId;
  readonly user: UserId;
  /** SHA-256 of the content, its key in the storage. */
  readonly hash: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  /** In pixels; null: no decoded picture, and no thumbnails. */
  readonly width: number | null;
  readonly height: number | null;
}

/** What everybody in the room may know of it. */
export function toFileInfo({ id, name, type, bytes, width, height }: FileRecord): FileInfo {
  return { id, name, type, bytes, ...(width === null || height === null ? {} : { width, height }) };
}

export interface NewFile extends FileRecord {
  readonly uploadId: string;
  /** Bytes that it takes of the quotas. */
  readonly cost: number;
}

/** Bytes that the files of one user, and of one room, may take. */
export interface FileQuotas {
  readonly user: number;
  readonly room: number;
}

/**
 * Rows of files. Their content is in a storage that the caller has: this says which content is needed.
 *
 * An upload is `add`, then its content is put in its place, then `finish`. From `add` on the content is not removed; a file that is never
 * finished is swept. The message that names files takes them with `attach` before it is accepted.
 */
export interface Files {
  /** The file of this upload, if it was finished, and bytes that the quotas leave. `isGone`: it was deleted. */
  look(upload: UploadKey, quotas: FileQuotas): Promise<{ file: FileRecord | null; isGone: boolean; left: number }>;
  /**
   * Adds the file and charges the quotas of user and room in one statement. `busy`: the same content is just being removed, try again.
   * An unfinished upload of the same id is taken over.
   */
  add(file: NewFile, quotas: FileQuotas): Promise<"added" | "full" | "busy" | "exists">;
  /** false: another upload of the same id took over. */
  finish(file: FileId): Promise<boolean>;
  /** null also where the room hides what came before `reader` joined. The caller has checked the membership. */
  find(room: RoomId, file: FileId, reader: UserId): Promise<FileRecord | null>;
  findMany(room: RoomId, files: readonly FileId[], reader: UserId): Promise<readonly FileRecord[]>;
  /** Whether `attach` would take them now. @throws ProtocolError unknown_file */
  check(message: Message, files: readonly FileId[]): Promise<void>;
  /**
   * Takes files for one message, all or none, in the order asked for. The same message may ask again.
   * @throws ProtocolError unknown_file when one of them is not of this user and room, or is in another message
   */
  attach(message: Message, files: readonly FileId[]): Promise<FileInfo[]>;
  /** The files of deleted messages: from now on nobody sees them, and the sweep removes them. Returns how many. */
  release(room: RoomId, messages: readonly { readonly user: UserId; readonly id: EventId }[]): Promise<number>;
  /** The same of one file. false: there is no such file. */
  delete(room: RoomId, file: FileId): Promise<boolean>;
  /**
   * Deletes at most `limit` rows of released files, of unfinished ones that began before `unfinished`, and of files in no message that
   * began before `unused`. Frees their quotas. Returns how many.
   */
  sweep(before: { readonly unfinished: Date; readonly unused: Date }, limit: number): Promise<number>;
  /**
   * Files that a message took before `before`, at most `limit`: `sent` counts those whose message is a row, which are not looked at again.
   * The message of the others was never accepted, or is not stored yet.
   */
  lookForMessages(before: Date, limit: number): Promise<{ sent: number; unsent: readonly UnsentFile[] }>;
  /** Those of them that no message has meanwhile. Returns how many. */
  releaseUnsent(before: Date, files: readonly UnsentFile[]): Promise<number>;
  /**
   * Content without a file that nobody has uploaded since `takenBefore`: the caller removes it from the storage and calls `forget`. Also
   * what a caller before `stuckBefore` did not finish.
   */
  takeOrphans(before: { readonly taken: Date; readonly stuck: Date }, limit: number): Promise<readonly string[]>;
  forget(hashes: readonly string[]): Promise<void>;
}

export interface UnsentFile {
  readonly id: FileId;
  readonly room: RoomId;
}

export interface UploadKey {
  readonly room: RoomId;
  readonly user: UserId;
  readonly uploadId: string;
}

export interface Message {
  readonly room: RoomId;
  readonly user: UserId;
  readonly id: EventId;
}
