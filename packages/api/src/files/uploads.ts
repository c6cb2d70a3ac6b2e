import { setTimeout as delay } from "node:timers/promises";
import {
  type FileStorage,
  type Images,
  isPicture,
  NOT_A_PICTURE,
  type Staged,
  safeFileName,
  sniffType,
} from "@hubbub/files";
import { type FileId, newId, ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import type { FileRecord, Files, NewFile } from "@hubbub/store";
import type { ApiSettings } from "../settings.ts";
import { AtOnce } from "./at-once.ts";
import { thumbnailKey } from "./keys.ts";
import { MeasuredBody } from "./measured-body.ts";

export interface Upload {
  readonly room: RoomId;
  readonly user: UserId;
  /** The client's own id of it. */
  readonly uploadId: string;
  readonly name: string;
  /** What the client says; undefined where it does not know. */
  readonly length: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** What small files take of a disk and of the tables. */
const COST_MIN_BYTES = 4_096;
/** Content that is being removed is gone within this, or with the next try of the client. */
const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 250;

interface UploadParts {
  readonly files: Files;
  readonly storage: FileStorage;
  readonly images: Images;
  readonly settings: ApiSettings;
}

/**
 * Takes files. A file is in the storage under a temporary name until its row is there; its row is unfinished until the content has its name.
 * A crash in between leaves what the sweeps of storage and store remove.
 */
export class Uploads {
  readonly #parts: UploadParts;
  readonly #atOnce: AtOnce;

  constructor(parts: UploadParts) {
    const { UPLOADS_AT_ONCE: all, UPLOADS_AT_ONCE_PER_USER: perUser } = parts.settings;
    this.#parts = parts;
    this.#atOnce = new AtOnce("uploads", { all, perUser });
  }

  /** @throws ProtocolError file_too_large, quota_exceeded, too_slow, unknown_file, overloaded, unavailable */
  async take(upload: Upload): Promise<{ file: FileRecord; isNew: boolean }> {
    const { files } = this.#parts;
    const { file, isGone, left } = await files.look(upload, this.#quotas);
    if (file !== null) return { file, isNew: false };
    if (isGone)
      throw new ProtocolError("unknown_file", "the file of this upload was deleted; upload it under another id");
    const end = this.#atOnce.begin(upload.user);
    try {
      return await this.#receive(upload, left);
    } finally {
      end();
    }
  }

  get #quotas() {
    const { FILE_BYTES_PER_USER: user, FILE_BYTES_PER_ROOM: room } = this.#parts.settings;
    return { user, room };
  }

  async #receive(upload: Upload, left: number): Promise<{ file: FileRecord; isNew: boolean }> {
    const { storage, settings } = this.#parts;
    const { FILE_MAX_BYTES, UPLOAD_MIN_BYTES_PER_SECOND: minBytesPerSecond } = settings;
    const maxBytes = Math.min(FILE_MAX_BYTES, left);
    const tooMany = () =>
      left < FILE_MAX_BYTES
        ? new ProtocolError("quota_exceeded")
        : new ProtocolError("file_too_large", `a file has at most ${FILE_MAX_BYTES} bytes`);
    if (maxBytes === 0 || (upload.length ?? 0) > maxBytes) throw tooMany();
    if (!(await storage.hasRoomFor(upload.length ?? maxBytes))) {
      throw new ProtocolError("unavailable", "the storage of files is full; tell the operator");
    }
    const body = new MeasuredBody(upload.body, { maxBytes, tooMany, minBytesPerSecond });
    const staged = new StagedFiles(await storage.stage(body));
    try {
      return await this.#store(upload, await this.#prepare(staged, await sniffType(body.head)), staged);
    } finally {
      await staged.discardRest();
    }
  }

  /** A picture is replaced by its clean copy, with thumbnails beside it. */
  async #prepare(staged: StagedFiles, sniffed: string) {
    const { images, storage, settings } = this.#parts;
    const plain = { width: null, height: null, type: isPicture(sniffed) ? NOT_A_PICTURE : sniffed };
    if (!isPicture(sniffed) || staged.main.bytes > settings.IMAGE_MAX_BYTES) return plain;
    const picture = await images.decode(sniffed, () => staged.read());
    if (picture === null) return plain;
    const { content, thumbnails, type, width, height } = picture;
    await staged.replace(await storage.stage(once(content)));
    staged.thumbnails.push(["small", await storage.stage(once(thumbnails.small))]);
    staged.thumbnails.push(["large", await storage.stage(once(thumbnails.large))]);
    return { type, width, height };
  }

  async #store(
    { room, user, uploadId, name }: Upload,
    shape: Pick<FileRecord, "type" | "width" | "height">,
    staged: StagedFiles,
  ): Promise<{ file: FileRecord; isNew: boolean }> {
    const { files } = this.#parts;
    const { hash, bytes } = staged.main;
    const record: FileRecord = { id: newId<FileId>(), room, user, hash, bytes, name: safeFileName(name), ...shape };
    const added = await this.#add({ ...record, uploadId, cost: staged.cost });
    if (added === "full") throw new ProtocolError("quota_exceeded");
    if (added === "added") {
      await staged.keep();
      if (await files.finish(record.id)) return { file: record, isNew: true };
    }
    // Another upload of the same id was faster.
    const { file } = await files.look({ room, user, uploadId }, this.#quotas);
    if (file === null) throw new ProtocolError("unavailable", "another upload has the same id; try again");
    return { file, isNew: false };
  }

  async #add(file: NewFile): Promise<"added" | "full" | "exists"> {
    for (let tries = 0; tries < BUSY_TRIES; tries++) {
      const added = await this.#parts.files.add(file, this.#quotas);
      if (added !== "busy") return added;
      await delay(BUSY_PAUSE_MS);
    }
    throw new ProtocolError("unavailable", "the same content is just being removed; try again");
  }
}

/** The contents of one upload, until they have their names. */
class StagedFiles {
  main: Staged;
  readonly thumbnails: ["small" | "large", Staged][] = [];
  #isKept = false;

  constructor(main: Staged) {
    this.main = main;
  }

  get cost(): number {
    const all = [this.main, ...this.thumbnails.map(([, staged]) => staged)];
    return Math.max(
      COST_MIN_BYTES,
      all.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }

  async read(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await this.main.read()) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async replace(main: Staged): Promise<void> {
    await this.main.discard();
    this.main = main;
  }

  async keep(): Promise<void> {
    const { hash } = this.main;
    for (const [size, staged] of this.thumbnails) await staged.keep(thumbnailKey(hash, size));
    await this.main.keep(hash);
    this.#isKept = true;
  }

  async discardRest(): Promise<void> {
    if (this.#isKept) return;
    await Promise.all([this.main, ...this.thumbnails.map(([, staged]) => staged)].map((staged) => staged.discard()));
  }
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
