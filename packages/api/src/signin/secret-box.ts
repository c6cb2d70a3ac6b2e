import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** `id`: says which key a secret is encrypted with. `key`: 32 bytes. */
export interface SecretKey {
  readonly id: string;
  readonly key: Buffer;
}

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts secrets that are stored, AES-256-GCM. The first key encrypts, all of them decrypt. `owner` is authenticated with
 * the text: a row that is copied to another owner does not open.
 */
export class SecretBox {
  readonly #keys: readonly SecretKey[];

  constructor(keys: readonly SecretKey[]) {
    this.#keys = keys;
  }

  get isUsable(): boolean {
    return this.#keys.length > 0;
  }

  seal(text: string, owner: string): string {
    const [first] = this.#keys;
    if (first === undefined) throw new Error("there is no key to encrypt with");
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, first.key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(owner));
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return [first.id, ...[iv, body, cipher.getAuthTag()].map((part) => part.toString("base64url"))].join(".");
  }

  /** `isOld`: it was encrypted with another key than the first. null: no key opens it. */
  open(sealed: string, owner: string): { readonly text: string; readonly isOld: boolean } | null {
    const [id, ...parts] = sealed.split(".");
    const known = this.#keys.find((key) => key.id === id);
    const [iv, body, tag] = parts.map((part) => Buffer.from(part, "base64url"));
    if (known === undefined || iv === undefined || body === undefined || tag === undefined) return null;
    try {
      const decipher = createDecipheriv(CIPHER, known.key, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(owner)).setAuthTag(tag);
      const text = Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
      return { text, isOld: known !== this.#keys[0] };
    } catch {
      return null;
    }
  }
}
