import type { Draft, Item, Message } from "../timeline.ts";
import { make } from "./element.ts";
import { clockOf, dayOf, hueOf } from "./words.ts";

/** Messages of one author closer than this stand under one name. */
const GROUP_MS = 300_000;

export interface ItemContext {
  readonly me: string;
  readonly previous: Item | undefined;
  readonly isStored: boolean;
  /** The message a reply answers, where it is loaded. */
  readonly quoted: Message | undefined;
}

export function viewItem(item: Item, context: ItemContext): HTMLLIElement {
  const row = item.kind === "note" ? make("li", "note", item.text) : viewMessage(item, context);
  const isNewDay = item.at > 0 && dayOf(item.at) !== dayOf(context.previous?.at ?? 0);
  if (isNewDay) row.prepend(make("div", "day", dayOf(item.at)));
  return row;
}

export function viewDraft(draft: Draft): HTMLLIElement {
  const isFailed = draft.error !== undefined;
  const mark = make("span", "mark", isFailed ? `not sent: ${draft.error}` : "sending…");
  return make("li", `item draft first${isFailed ? " failed" : ""}`, [make("div", "text", draft.text), mark]);
}

function viewMessage(message: Message, { me, previous, isStored, quoted }: ItemContext): HTMLLIElement {
  const isFirst = !continues(message, previous);
  const row = make("li", isFirst ? "item first" : "item");
  const name = message.by.username;
  if (isFirst) row.append(make("div", `who ${hueOf(name)}`, name));
  else row.append(make("span", "visually-hidden", `${name}: `));
  if (message.replyTo !== undefined) row.append(make("div", "quote", quoteOf(quoted)));
  const text = message.isDeleted ? "deleted" : message.text;
  row.append(make("div", message.isDeleted ? "text deleted" : "text", text), viewMeta(message, me, isStored));
  if (message.reactions.length > 0) row.append(viewReactions(message));
  return row;
}

function viewMeta(message: Message, me: string, isStored: boolean): HTMLElement {
  const stamp = make("time", "", `${message.isEdited ? "edited " : ""}${clockOf(message.at)}`);
  stamp.dateTime = new Date(message.at).toISOString();
  if (message.by.id !== me) return stamp;
  const mark = make("span", isStored ? "mark stored" : "mark", isStored ? " ✓✓" : " ✓");
  mark.title = isStored ? "Stored" : "Sent";
  stamp.append(mark);
  return stamp;
}

function viewReactions(message: Message): HTMLElement {
  const chips = message.reactions.map(({ emoji, users }) => make("span", "chip", `${emoji} ${users.length}`));
  return make("div", "reactions", chips);
}

function quoteOf(quoted: Message | undefined): string {
  return quoted === undefined ? "an earlier message" : `${quoted.by.username}: ${quoted.text}`;
}

function continues(message: Message, previous: Item | undefined): boolean {
  return (
    previous?.kind === "message" &&
    previous.by.id === message.by.id &&
    message.replyTo === undefined &&
    message.at - previous.at < GROUP_MS
  );
}
