import { createHmac, timingSafeEqual } from "node:crypto";
import { type FileId, isUuid, type RoomId, type UserId } from "@hubbub/protocol";

/** Longer texts are no links. */
export const LINK_MAX_LENGTH = 256;

/** What a link to a file names. */
export function linkedFile(room: RoomId, file: FileId): string {
  return `${room} ${file}`;
}

const LINK = /^([0-9a-z]{1,12})\.([0-9a-f-]{36})\.([\w-]{43})$/;
const BASE = 36;

/**
 * Signed links, for places that send no `Authorization` header: `<img src>`, `<video src>`, a download. A link names one user, one
 * subject without a line break and its end. Whether the user may see the subject is checked again when it is used.
 */
export class SignedLinks {
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

  sign(subject: string, user: UserId, expiresAt: number): string {
    const [secret = new Uint8Array()] = this.#secrets;
    return `${expiresAt.toString(BASE)}.${user}.${seal(secret, subject, user, expiresAt).toString("base64url")}`;
  }

  /** The user that the link names, or null for a link that is wrong, for another subject or over. */
  verify(subject: string, link: string, now = Date.now()): UserId | null {
    const [, end = "", user = "", mac = ""] = LINK.exec(link) ?? [];
    const expiresAt = Number.parseInt(end, BASE);
    if (!isUuid(user) || !(expiresAt > now)) return null;
    const given = Buffer.from(mac, "base64url");
    const isSigned = this.#secrets.some((secret) =>
      timingSafeEqual(seal(secret, subject, user as UserId, expiresAt), given),
    );
    return isSigned ? (user as UserId) : null;
  }
}

function seal(secret: Uint8Array, subject: string, user: UserId, expiresAt: number): Buffer {
  return createHmac("sha256", secret).update(`${subject} ${user} ${expiresAt}`).digest();
}
