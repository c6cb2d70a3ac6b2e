import { createHmac, timingSafeEqual } from "node:crypto";
import { type FileId, isUuid, type RoomId, type UserId } from "@hubbub/protocol";

export interface Linked {
  readonly room: RoomId;
  readonly file: FileId;
}

const LINK = /^([0-9a-z]{1,12})\.([0-9a-f-]{36})\.([\w-]{43})$/;
const BASE = 36;

/**
 * Signed links, for places that send no `Authorization` header: `<img src>`, `<video src>`, a download. A link names one user, one file and
 * its end. Whether the user may see the file is checked again when it is used.
 */
export class FileLinks {
  /** The first one signs, all of them verify. */
  readonly #secrets: readonly Uint8Array[];
  readonly #lifeMs: number;

  constructor(secrets: readonly Uint8Array[], lifeSeconds: number) {
    this.#secrets = secrets;
    this.#lifeMs = lifeSeconds * 1_000;
  }

  /**
   * When links made now end, in Unix ms: between one and two lives from now. Links of the same time slice are the same text, so that caches
   * of browsers find what they have.
   */
  expiry(now = Date.now()): number {
    return (Math.floor(now / this.#lifeMs) + 2) * this.#lifeMs;
  }

  sign(linked: Linked, user: UserId, expiresAt: number): string {
    const [secret = new Uint8Array()] = this.#secrets;
    return `${expiresAt.toString(BASE)}.${user}.${seal(secret, linked, user, expiresAt).toString("base64url")}`;
  }

  /** The user that the link names, or null for a link that is wrong, for another file or over. */
  verify(linked: Linked, link: string, now = Date.now()): UserId | null {
    const [, end = "", user = "", mac = ""] = LINK.exec(link) ?? [];
    const expiresAt = Number.parseInt(end, BASE);
    if (!isUuid(user) || !(expiresAt > now)) return null;
    const given = Buffer.from(mac, "base64url");
    const isSigned = this.#secrets.some((secret) =>
      timingSafeEqual(seal(secret, linked, user as UserId, expiresAt), given),
    );
    return isSigned ? (user as UserId) : null;
  }
}

function seal(secret: Uint8Array, { room, file }: Linked, user: UserId, expiresAt: number): Buffer {
  return createHmac("sha256", secret).update(`${room} ${file} ${user} ${expiresAt}`).digest();
}
