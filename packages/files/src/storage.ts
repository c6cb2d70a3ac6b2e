import type { Readable } from "node:stream";

/**
 * Where the content of files is kept: a directory or a bucket, with one contract suite (`test/storage-contract.ts`).
 *
 * Content is staged first and gets its name afterwards: the name is its hash, which is known only at its end. What a crash leaves is
 * staged content, which `sweep` removes.
 */
export interface FileStorage extends AsyncDisposable {
  /**
   * Reads `chunks` to the end, as fast as the storage takes them, and holds a bounded part of them in memory. A fault of `chunks` passes
   * unchanged; then nothing is left. @throws StorageUnavailable
   */
  stage(chunks: AsyncIterable<Uint8Array>): Promise<Staged>;
  /** Kept content, or a part of it: both ends are inclusive. The caller reads it to the end or destroys it. @throws ContentMissing, StorageUnavailable */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /** What is not there is no fault. @throws StorageUnavailable */
  remove(key: string): Promise<void>;
  /** Removes staged content that nobody has written to since `before`. Returns how many were removed. @throws StorageUnavailable */
  sweep(before: Date): Promise<number>;
  /** Everything that is kept, in no order. What is removed meanwhile may be left out. @throws StorageUnavailable */
  kept(): AsyncIterable<{ readonly key: string; readonly bytes: number }>;
  /** Whether the storage can take `bytes` more, as far as it is known. */
  hasRoomFor(bytes: number): Promise<boolean>;
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Content without a name yet. Exactly one of `keep` and `discard` ends it. */
export interface Staged {
  /** SHA-256 of the content, 64 hexadecimal digits. */
  readonly hash: string;
  readonly bytes: number;
  read(): Promise<Readable>;
  /** Durable under `key` when it resolves. Content that is there already is replaced by the same. @throws StorageUnavailable */
  keep(key: string): Promise<void>;
  /** Never rejects: what is not removed now is swept. */
  discard(): Promise<void>;
}

/** The storage cannot be reached, or has no space. A retry can help. */
export class StorageUnavailable extends Error {
  override readonly name = "StorageUnavailable";
}

/** There is no content under this key. */
export class ContentMissing extends Error {
  override readonly name = "ContentMissing";
}

const KEY = /^[0-9a-f]{64}(\.[a-z]{1,16})?$/;
const FOLDER_DIGITS = 2;

/** Folders by the first digits of the hash: `ab/cd/abcd…`. @throws TypeError for a key that is no hash with an optional suffix */
export function pathOf(key: string): string {
  if (!KEY.test(key)) throw new TypeError("a key is a SHA-256 in hexadecimal digits, with a suffix of letters");
  return `${key.slice(0, FOLDER_DIGITS)}/${key.slice(FOLDER_DIGITS, 2 * FOLDER_DIGITS)}/${key}`;
}
