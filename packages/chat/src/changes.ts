import type { Accepted } from "@hubbub/broker";
import {
  ANNOUNCEMENTS_ROOM,
  type ClientFrameOf,
  type EventId,
  encodeEventBody,
  isRetryable,
  ProtocolError,
  type PublicUser,
  type RoomId,
  requirePermission,
  type Standing,
} from "@hubbub/protocol";
import type { SentChange } from "@hubbub/store";
import { countedStanding, type MentionAllBound } from "./mention-all.ts";
import {
  findUnstored,
  type MessageSources,
  type PresentMessage,
  readMessage,
  readPins,
  requireNamed,
} from "./present-message.ts";
import { type ReadCharge, UnstoredReads } from "./unstored-reads.ts";

/** Emoji of one message, of one user on it, and pins of a room. Changes that race may pass a bound by a few. */
const EMOJI_PER_MESSAGE = 20;
const EMOJI_PER_USER = 5;
const PINS_PER_ROOM = 100;

type Named = Pick<ClientFrameOf<"publish">, "thread" | "replyTo" | "text">;
type ChangeFrame = ClientFrameOf<"edit" | "delete" | "react" | "pin">;
type WithoutAddress<Frame> = Frame extends unknown ? Omit<Frame, "ref" | "round" | "room" | "id"> : never;

export interface ChangeRequest {
  readonly room: RoomId;
  /** A member of the room. */
  readonly by: PublicUser;
  readonly standing: Standing;
  readonly id: EventId;
  readonly change: WithoutAddress<ChangeFrame>;
}

export type CheckedChange = { readonly body: string } | { readonly accepted: Accepted };

export interface ChangesOptions extends MessageSources, MentionAllBound {
  readonly store: MessageSources["store"] & MentionAllBound["store"];
  /** 0: without end. */
  readonly editWindowMs: number;
}

/**
 * Checks changes of messages against their present state. The check and the number of the event are two steps: of two changes
 * that race both may be accepted, and the fold of the events decides.
 */
export class Changes {
  readonly #options: ChangesOptions;
  readonly #reads = new UnstoredReads();

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  /**
   * Resolves to the body of the event if the change is allowed. If it would be refused now but was accepted before, and its
   * ack was lost, resolves to the numbers that it got. The log recognises an id that it has.
   * @throws ProtocolError unknown_message, forbidden, edit_window_over, conflict, too_many_reactions, too_many_pins, rate_limited,
   * unavailable
   */
  async check(request: ChangeRequest): Promise<CheckedChange> {
    const charge = this.#reads.chargeOf(request.by.id, request.room);
    const present = await readMessage(this.#options, request.room, request.change.target, charge);
    try {
      return { body: await this.#bodyOf(request, present, charge) };
    } catch (error) {
      if (!(error instanceof ProtocolError) || isRetryable(error.code)) throw error;
      const sent = await this.#findSent(request, present, charge);
      if (sent === null) throw error;
      const { seq, epoch, at } = sent;
      return { accepted: { state: "duplicate", seq, epoch, at } };
    }
  }

  /**
   * Checks what a new message names: a thread, a message that it answers, all members. Resolves to the standing to encode it with.
   * @throws ProtocolError unknown_message, unavailable
   */
  async checkNamed(room: RoomId, { thread, replyTo, text }: Named, standing: Standing): Promise<Standing> {
    const options = this.#options;
    const { from } = standing;
    if (thread !== undefined)
      await requireNamed(options, { room, seq: thread, from }, (root) => root.thread === undefined);
    if (replyTo !== undefined && replyTo !== thread)
      await requireNamed(options, { room, seq: replyTo, from }, () => true);
    return await countedStanding(options, room, text, standing);
  }

  /** Call it only for a change that would be refused: it costs a statement. Its message may have lost the seq that it names. */
  async #findSent(
    { room, by, id, change }: ChangeRequest,
    present: PresentMessage | null,
    charge: ReadCharge,
  ): Promise<SentChange | null> {
    const sent = { user: by.id, id };
    const unstored =
      present === null
        ? await findUnstored(this.#options, room, sent, charge)
        : present.unstored.find((event) => event.id === id && event.by.id === by.id);
    return unstored ?? (await this.#options.store.threads.sentChange(room, change.target, sent));
  }

  async #bodyOf(
    { room, by, standing, id, change }: ChangeRequest,
    present: PresentMessage | null,
    charge: ReadCharge,
  ): Promise<string> {
    if (present === null || change.target <= standing.from) throw new ProtocolError("unknown_message");
    switch (change.type) {
      case "edit": {
        requirePermission(standing, "post");
        this.#checkEdit(present, by, change);
        const { target, text } = change;
        return encodeEventBody({ by, kind: "edit", id, target, text });
      }
      case "delete":
        requireDeletion(standing, { room, isOwn: present.message.by.id === by.id });
        return encodeEventBody({ by, kind: "delete", id, target: change.target });
      case "react": {
        requirePermission(standing, "react");
        checkReaction(present, by, change);
        const { target, emoji, remove } = change;
        return encodeEventBody({ by, kind: "react", id, target, emoji, ...(remove ? { remove } : {}) });
      }
      case "pin": {
        requirePermission(standing, "pin");
        if (present.state.isDeleted) throw new ProtocolError("unknown_message");
        if (!change.remove && !present.state.isPinned) await this.#checkPins(room, charge);
        const { target, remove } = change;
        return encodeEventBody({ by, kind: "pin", id, target, ...(remove ? { remove } : {}) });
      }
    }
  }

  async #checkPins(room: RoomId, charge: ReadCharge): Promise<void> {
    const pins = await readPins(this.#options, room, PINS_PER_ROOM, charge);
    if (pins.size >= PINS_PER_ROOM) throw new ProtocolError("too_many_pins");
  }

  #checkEdit(
    { message, state }: PresentMessage,
    by: PublicUser,
    edit: { text: string; baseSeq?: number | undefined },
  ): void {
    if (message.by.id !== by.id) throw new ProtocolError("forbidden", "only the author may edit a message");
    if (state.isDeleted) throw new ProtocolError("unknown_message");
    const { editWindowMs } = this.#options;
    if (editWindowMs > 0 && Date.now() - message.at > editWindowMs) throw new ProtocolError("edit_window_over");
    const current = { seq: state.edited?.seq ?? message.seq, text: state.text ?? message.text };
    // The same text again is this edit, whose ack was lost.
    const isCurrent = edit.baseSeq === undefined || edit.baseSeq === current.seq || edit.text === current.text;
    if (!isCurrent) throw new ProtocolError("conflict", undefined, { current });
  }
}

/** Nobody has the permission to post announcements: their authors delete them all the same. */
function requireDeletion(standing: Standing, { room, isOwn }: { room: RoomId; isOwn: boolean }): void {
  if (isOwn && room === ANNOUNCEMENTS_ROOM) return;
  requirePermission(standing, isOwn ? "post" : "delete-any");
}

function checkReaction(
  { state }: PresentMessage,
  by: PublicUser,
  { emoji, remove }: { emoji: string; remove?: boolean | undefined },
): void {
  if (state.isDeleted) throw new ProtocolError("unknown_message");
  if (remove || state.reactions.get(emoji)?.has(by.id)) return;
  const own = [...state.reactions.values()].filter((users) => users.has(by.id)).length;
  const isNew = !state.reactions.has(emoji);
  if (own >= EMOJI_PER_USER || (isNew && state.reactions.size >= EMOJI_PER_MESSAGE)) {
    throw new ProtocolError("too_many_reactions");
  }
}
