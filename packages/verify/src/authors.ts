import { QUERIES_AUTHOR, type UserId } from "@hubbub/protocol";
import type { Audit } from "./audit.ts";

/** Users who are known to be there; beyond it they are asked for anew. */
const KNOWN_MAX = 100_000;

/** Asks for each author once. */
export class Authors {
  readonly #audit: Audit;
  readonly #known = new Set<UserId>();

  constructor(audit: Audit) {
    this.#audit = audit;
  }

  /** Which of these are no users. */
  async strangers(users: ReadonlySet<UserId>): Promise<readonly UserId[]> {
    const asked = [...users].filter((user) => user !== QUERIES_AUTHOR.id && !this.#known.has(user));
    if (asked.length === 0) return [];
    const strangers = await this.#audit.strangers(asked);
    if (this.#known.size + asked.length > KNOWN_MAX) this.#known.clear();
    for (const user of asked) if (!strangers.includes(user)) this.#known.add(user);
    return strangers;
  }
}
