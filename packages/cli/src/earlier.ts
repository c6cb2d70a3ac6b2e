import type { Client, PendingMessage, RefusedEvent } from "@hubbub/client";

/** Refused messages that are told again at the end; at the bound the oldest go. */
const REFUSED_MAX = 100;

type EarlierClient = Pick<Client, "pending" | "on">;

/** Messages of an earlier start, which the client sends: nobody waits for their outcome. */
export class Earlier {
  readonly #client: EarlierClient;
  #refused: readonly RefusedEvent[] = [];

  /**
   * `refused`: the server does not take one; answers whether it stays on the screen with its reason. Made before `connect`,
   * so that none is missed.
   */
  constructor(client: EarlierClient, refused: (refused: RefusedEvent) => boolean) {
    this.#client = client;
    client.on("refused", (one) => {
      if (!refused(one)) this.#refused = [...this.#refused, one].slice(-REFUSED_MAX);
    });
  }

  /** Those on their way into rooms that `isShown` does not have. */
  pendingBeside(isShown: (room: string) => boolean): PendingMessage[] {
    return this.#client.pending.filter(({ room }) => !isShown(room));
  }

  /** What was refused and does not stay on the screen. */
  get refused(): string[] {
    return this.#refused.map(wordsOf);
  }
}

/** What the event was to say. */
export function wordsOf({ event }: RefusedEvent): string {
  switch (event.type) {
    case "publish":
      return event.text;
    case "edit":
      return `edit of #${event.target}: ${event.text}`;
    case "delete":
      return `deletion of #${event.target}`;
    case "react":
      return `${event.emoji} for #${event.target}`;
    case "pin":
      return `pin of #${event.target}`;
  }
}
