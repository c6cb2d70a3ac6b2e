import type { UserId } from "@hubbub/protocol";
import type { Limits } from "./limits.ts";
import { OneAtATime } from "./one-at-a-time.ts";

/** Reads pages: one at a time for each user, each charged before the next is read. */
export class PageTurns {
  readonly #limits: Limits;
  readonly #turns = new OneAtATime();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** `bytes`: of the page; without it those of its JSON count. @throws ProtocolError rate_limited */
  read<Page extends object>(
    { user, address }: { user: UserId; address: string },
    work: () => Promise<Page & { readonly bytes?: number }>,
  ): Promise<Omit<Page, "bytes">> {
    return this.#turns.run(user, async () => {
      const charge = this.#limits.page(user, address);
      const { bytes, ...page } = await work();
      charge(bytes ?? Buffer.byteLength(JSON.stringify(page)));
      return page;
    });
  }
}
