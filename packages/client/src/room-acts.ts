import { type EventId, newId, type RoomId } from "@hubbub/protocol";
import type { Published } from "./http.ts";
import { contentOf, type MessageOptions } from "./message-options.ts";
import type { OutboxBody, Until } from "./outbox.ts";
import type { Earlier } from "./outbox-storage.ts";

export interface PublishOptions {
  /** `ack`: numbered and in the log. `durable`: committed. Default `ack`. */
  readonly until?: Until | undefined;
  /** 1 to 64 of `[A-Za-z0-9_-]`, unique per sender. Default: a fresh one. */
  readonly id?: string | undefined;
}

export interface SendAgainOptions {
  /**
   * Of a message that an earlier client was given under this `id` and whose ack it did not see: when, and the seq up to which that
   * client knew the room (0: not known). It waits until the room is live. An old one waits until the history says whether it
   * arrived; where that cannot be known, it is refused with `outcome_unknown`.
   */
  readonly earlier?: Earlier | undefined;
}

/** What is written into a room. The events of one client keep their order, over refusals and reconnects. */
export abstract class RoomActs {
  readonly id: RoomId;

  constructor(id: RoomId) {
    this.id = id;
  }

  /** @internal */
  protected abstract send(body: OutboxBody, until: Until | undefined, earlier?: Earlier): Promise<Published>;

  /**
   * Resolves when the message is acked, or durable; meanwhile it is re-sent under its id over every reconnect.
   * Subscribes the room, because acks and marks are made good by its replay.
   * @throws HubbubError outbox_full at the outbox's bound, forbidden, too_large, not_member …
   */
  publish(text: string, options: PublishOptions & MessageOptions & SendAgainOptions = {}): Promise<Published> {
    const body = { type: "publish", room: this.id, id: idOf(options), text, ...contentOf(options) } as const;
    return this.send(body, options.until, options.earlier);
  }

  /** `baseSeq`: the event whose text was edited; the edit is refused with `conflict` when a newer one exists. */
  edit(
    target: number,
    text: string,
    options: PublishOptions & { baseSeq?: number | undefined } = {},
  ): Promise<Published> {
    const base = options.baseSeq === undefined ? {} : { baseSeq: options.baseSeq };
    return this.send({ type: "edit", room: this.id, id: idOf(options), target, text, ...base }, options.until);
  }

  pin(target: number, options: PublishOptions & { remove?: true } = {}): Promise<Published> {
    const remove = options.remove ? ({ remove: true } as const) : {};
    return this.send({ type: "pin", room: this.id, id: idOf(options), target, ...remove }, options.until);
  }

  delete(target: number, options: PublishOptions = {}): Promise<Published> {
    return this.send({ type: "delete", room: this.id, id: idOf(options), target }, options.until);
  }

  react(target: number, emoji: string, options: PublishOptions & { remove?: true } = {}): Promise<Published> {
    const remove = options.remove ? { remove: true } : {};
    return this.send({ type: "react", room: this.id, id: idOf(options), target, emoji, ...remove }, options.until);
  }
}

function idOf(options: PublishOptions): EventId {
  return (options.id as EventId | undefined) ?? newId<EventId>();
}
