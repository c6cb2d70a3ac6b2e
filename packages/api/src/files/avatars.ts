import { type FileStorage, type Images, isPicture, type Staged, sniffType, THUMBNAIL_SIZES } from "@hubbub/files";
import { ProtocolError, type UserId } from "@hubbub/protocol";
import type { Profiles } from "@hubbub/store";
import type { ApiSettings } from "../settings.ts";
import { AtOnce } from "./at-once.ts";
import { thumbnailKey } from "./keys.ts";
import { MeasuredBody } from "./measured-body.ts";

/** A photo of a phone fits. */
const AVATAR_MAX_BYTES = 8 * 1_048_576;
const PER_USER = 1;
const NO_PICTURE = "the content is no picture that can be read: send JPEG, PNG, WebP, GIF or AVIF";

interface AvatarParts {
  readonly profiles: Profiles;
  readonly storage: FileStorage;
  readonly images: Images;
  readonly settings: ApiSettings;
}

/**
 * Takes pictures of users: of each only the two thumbnails are kept, encoded anew. Their name is the hash of the larger one. The row of
 * the content is there before the content: a crash in between leaves what the sweep of files removes.
 */
export class Avatars {
  readonly #parts: AvatarParts;
  readonly #atOnce: AtOnce;

  constructor(parts: AvatarParts) {
    this.#parts = parts;
    this.#atOnce = new AtOnce("uploads", { all: parts.settings.UPLOADS_AT_ONCE, perUser: PER_USER });
  }

  /** Answers the hash. @throws ProtocolError bad_request, file_too_large, too_slow, overloaded, rate_limited, unavailable */
  async take(user: UserId, body: AsyncIterable<Uint8Array>): Promise<string> {
    const end = this.#atOnce.begin(user);
    try {
      const { small, large } = await this.#decode(body);
      return await this.#keep(user, { small, large });
    } finally {
      end();
    }
  }

  async #decode(body: AsyncIterable<Uint8Array>) {
    const { storage, images, settings } = this.#parts;
    if (!(await storage.hasRoomFor(AVATAR_MAX_BYTES)))
      throw new ProtocolError("unavailable", "the storage of files is full; tell the operator");
    const maxBytes = Math.min(AVATAR_MAX_BYTES, settings.IMAGE_MAX_BYTES);
    const tooMany = () => new ProtocolError("file_too_large", `an avatar has at most ${maxBytes} bytes`);
    const minBytesPerSecond = settings.UPLOAD_MIN_BYTES_PER_SECOND;
    const measured = new MeasuredBody(body, { maxBytes, tooMany, minBytesPerSecond });
    const staged = await storage.stage(measured);
    try {
      const type = await sniffType(measured.head);
      const picture = isPicture(type) ? await images.decode(type, () => wholeOf(staged)) : null;
      if (picture === null) throw new ProtocolError("bad_request", NO_PICTURE);
      return picture.thumbnails;
    } finally {
      await staged.discard();
    }
  }

  async #keep(user: UserId, thumbnails: Readonly<Record<"small" | "large", Uint8Array>>): Promise<string> {
    const { profiles, storage } = this.#parts;
    const small = await storage.stage(once(thumbnails.small));
    const large = await storage.stage(once(thumbnails.large)).catch(async (error: unknown) => {
      await small.discard();
      throw error;
    });
    const { hash } = large;
    const staged = { small, large };
    try {
      if (!(await profiles.takeAvatar(hash))) throw goneMeanwhile();
      for (const size of THUMBNAIL_SIZES) await staged[size].keep(thumbnailKey(hash, size));
    } catch (error) {
      await Promise.all([small.discard(), large.discard()]);
      throw error;
    }
    if (!(await profiles.setAvatar(user, hash))) throw goneMeanwhile();
    return hash;
  }
}

const goneMeanwhile = () => new ProtocolError("unavailable", "the same content is just being removed; try again");

async function wholeOf(staged: Staged): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await staged.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
