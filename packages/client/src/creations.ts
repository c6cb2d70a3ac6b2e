import { HubbubError } from "./hubbub-error.ts";

/** Failed creations that are remembered; at the bound the oldest is forgotten. */
const REMEMBERED_MAX = 16;
const ID_BYTES = 16;

/**
 * Gives each creation an id, so that the server takes a repeated one once. The same body again after a failure that invites
 * a retry carries the same id: the first call may have made what its lost answer did not tell.
 */
export class Creations {
  readonly #failed = new Map<string, string>();

  /** Sends the body with an id. An id that the caller gave is kept. */
  async create<Answer>(path: string, body: object, send: (body: object) => Promise<Answer>): Promise<Answer> {
    if ("id" in body && body.id !== undefined) return send(body);
    const key = `${path} ${JSON.stringify(body)}`;
    // Taken out: two calls at the same time are two creations.
    const id = this.#failed.get(key) ?? randomId();
    this.#failed.delete(key);
    try {
      return await send({ ...body, id });
    } catch (error) {
      if (error instanceof HubbubError && error.shouldRetry()) this.#remember(key, id);
      throw error;
    }
  }

  #remember(key: string, id: string): void {
    this.#failed.set(key, id);
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > REMEMBERED_MAX && oldest !== undefined) this.#failed.delete(oldest);
  }
}

/** Secret and random: with the id of a guest somebody else could enter as that guest. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
