import { type HistoryPage, type MessageList, newId, type ThreadList, type ThreadPage } from "@hubbub/protocol";
import { withLists } from "./answer-of.ts";
import type { Published } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";
import { withQuery } from "./with-query.ts";

type Call = <Answer>(method: string, path: string, body?: object) => Promise<Answer>;

/** `id`: 1 to 64 of `[A-Za-z0-9_-]`, unique per sender: the same again gets the same answer. Default: a fresh one. */
export interface ChangeOptions {
  readonly id?: string | undefined;
}

/** The pages meet at the message. `older.cursor` goes on as `before`, `newer.cursor` as `after`, of `HubbubHttp.history`. */
export interface HistoryAround {
  /** The message, and what is before it. */
  readonly older: HistoryPage;
  readonly newer: HistoryPage;
}

/** A text that a message had. */
export interface Revision {
  readonly seq: number;
  /** Unix milliseconds by the server's clock. */
  readonly at: number;
  readonly text: string;
}

const AROUND = 50;

/**
 * Messages of rooms over HTTP. Lists are for `Messages.addPage`. A `Room` of a `Client` makes the same changes over its
 * connection, in the order of its messages and over reconnects.
 */
export class HttpMessages {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** A list of one stored message with its state. @throws HubbubError unknown_message */
  get(room: string, seq: number): Promise<MessageList> {
    return this.#call("GET", messagePath(room, seq));
  }

  /** What was said around a message, for example one that a search found. `limit`: on either side, at most 200. @throws HubbubError unknown_message */
  async around(room: string, seq: number, limit = AROUND): Promise<HistoryAround> {
    const page = async (query: object) => {
      const path = withQuery(`${pathOf(room)}/messages`, { ...query, limit });
      return withLists(await this.#call<HistoryPage>("GET", path), "messages");
    };
    const [older, newer] = await Promise.all([page({ before: seq + 1 }), page({ after: seq })]);
    const found = older.messages.at(-1);
    if (found?.kind !== "message" || found.seq !== seq) throw new HubbubError("unknown_message");
    return { older, newer };
  }

  /** `baseSeq`: the event whose text was edited. @throws HubbubError conflict, with `current`, when a newer one exists; edit_window_over */
  edit(
    room: string,
    seq: number,
    text: string,
    { id = newId(), baseSeq }: ChangeOptions & { readonly baseSeq?: number | undefined } = {},
  ): Promise<Published> {
    return this.#call("PATCH", messagePath(room, seq), { id, text, ...(baseSeq === undefined ? {} : { baseSeq }) });
  }

  /** For its author and for moderators. */
  delete(room: string, seq: number, options: ChangeOptions = {}): Promise<Published> {
    return this.#change("DELETE", messagePath(room, seq), options);
  }

  /** @throws HubbubError too_many_reactions */
  react(room: string, seq: number, emoji: string, options: ChangeOptions = {}): Promise<Published> {
    return this.#change("PUT", reactionPath(room, seq, emoji), options);
  }

  unreact(room: string, seq: number, emoji: string, options: ChangeOptions = {}): Promise<Published> {
    return this.#change("DELETE", reactionPath(room, seq, emoji), options);
  }

  /** For moderators. @throws HubbubError forbidden, too_many_pins */
  pin(room: string, seq: number, options: ChangeOptions = {}): Promise<Published> {
    return this.#change("PUT", `${messagePath(room, seq)}/pin`, options);
  }

  unpin(room: string, seq: number, options: ChangeOptions = {}): Promise<Published> {
    return this.#change("DELETE", `${messagePath(room, seq)}/pin`, options);
  }

  /** The pinned messages, at most 100. */
  pins(room: string): Promise<MessageList> {
    return this.#call("GET", `${pathOf(room)}/pins`);
  }

  /** The 100 newest texts of a message, the newest last: for its author and for moderators. @throws HubbubError forbidden */
  async revisions(room: string, seq: number): Promise<readonly Revision[]> {
    const path = `${messagePath(room, seq)}/revisions`;
    return withLists(await this.#call<{ revisions: Revision[] }>("GET", path), "revisions").revisions;
  }

  /**
   * The messages of the thread that begins with `seq`, without that one. `after`: the `cursor` of an earlier page. `following`:
   * absent while the user has neither followed nor unfollowed the thread.
   */
  thread(room: string, seq: number, after?: number): Promise<ThreadList> {
    return this.#call("GET", withQuery(threadPath(room, seq), { after }));
  }

  /** Who replies in a thread, or is mentioned in it, follows it without that. */
  follow(room: string, seq: number): Promise<void> {
    return this.#call("PUT", `${threadPath(room, seq)}/follow`);
  }

  /** Replies and mentions do not follow it again. */
  unfollow(room: string, seq: number): Promise<void> {
    return this.#call("DELETE", `${threadPath(room, seq)}/follow`);
  }

  /** Followed threads of all rooms, the newest reply first. */
  followed(cursor?: string): Promise<ThreadPage> {
    return this.#call("GET", withQuery("/me/threads", { cursor }));
  }

  /** In the followed thread that begins with `root`, everything up to `seq` was read; marks only move forwards. */
  markThreadRead(room: string, root: number, seq: number): Promise<void> {
    return this.#call("PUT", `${threadPath(room, root)}/read`, { seq });
  }

  /** Everything up to `seq` was read; marks only move forwards. */
  markRead(room: string, seq: number): Promise<void> {
    return this.#call("PUT", `${pathOf(room)}/read`, { seq });
  }

  #change(method: string, path: string, { id = newId() }: ChangeOptions): Promise<Published> {
    return this.#call(method, withQuery(path, { id }));
  }
}

const pathOf = (room: string) => `/rooms/${encodeURIComponent(room)}`;
const messagePath = (room: string, seq: number) => `${pathOf(room)}/messages/${seq}`;
const threadPath = (room: string, seq: number) => `${pathOf(room)}/threads/${seq}`;
const reactionPath = (room: string, seq: number, emoji: string) =>
  `${messagePath(room, seq)}/reactions/${encodeURIComponent(emoji)}`;
