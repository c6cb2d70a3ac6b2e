import type { Draft, Item, Message } from "../timeline.ts";
import { make, makeButton, makeWritten } from "./element.ts";
import { clockOf, dayOf, hueOf } from "./words.ts";

/** Messages of one author closer than this stand under one name. */
const GROUP_MS = 300_000;

export interface ItemContext {
  readonly me: string;
  readonly previous: Item | undefined;
  readonly isStored: boolean;
  /** The message a reply answers, where it is loaded. */
  readonly quoted: Message | undefined;
  /** Ids of long messages that are shown whole. */
  readonly expanded: Set<string>;
}

export interface DraftActions {
  readonly expanded: Set<string>;
  resend(id: string): void;
  discard(id: string): void;
}

/** A text of fewer lines and characters is never cut. */
const SHORT_LINES = 12;
const SHORT_LENGTH = 400;

export function viewItem(item: Item, context: ItemContext): HTMLLIElement {
  const row = item.kind === "note" ? makeWritten("li", "note", item.text) : viewMessage(item, context);
  const isNewDay = item.at > 0 && dayOf(item.at) !== dayOf(context.previous?.at ?? 0);
  if (isNewDay) row.prepend(make("div", "day", dayOf(item.at)));
  return row;
}

export function viewDraft(draft: Draft, actions: DraftActions): HTMLLIElement {
  const { id, text, error } = draft;
  const row = make(
    "li",
    `item draft first${error === undefined ? "" : " failed"}`,
    viewText(id, text, actions.expanded, error === undefined ? [make("span", "mark", "sending…")] : []),
  );
  if (error === undefined) return row;
  const again = makeButton("small", "Send again", () => actions.resend(id));
  const away = makeButton("small quiet", "Discard", () => actions.discard(id));
  row.append(make("div", "refusal", [make("span", "mark", `not sent: ${error}`), again, away]));
  return row;
}

/** Shows which long texts are cut. Called when rows or the width changed. */
export function measureTexts(parent: Element): void {
  const texts = [...parent.querySelectorAll<HTMLElement>(".text.long:not(.whole)")];
  const isCut = texts.map((text) => text.scrollHeight > text.clientHeight + 1);
  texts.forEach((text, index) => {
    const more = text.parentElement?.querySelector<HTMLElement>(".more");
    if (more) more.hidden = !isCut[index];
  });
}

/** A text of any length takes a bounded height until it is asked for. `beside`: what stands next to it. */
function viewText(id: string, text: string, expanded: Set<string>, beside: readonly HTMLElement[]): HTMLElement[] {
  const body = makeWritten("div", "text", text);
  if (text.length <= SHORT_LENGTH && text.split("\n", SHORT_LINES).length < SHORT_LINES) return [body, ...beside];
  const more = makeButton("small quiet more", "", () => {
    if (!expanded.delete(id)) expanded.add(id);
    adapt();
  });
  const adapt = (): void => {
    const isWhole = expanded.has(id);
    body.className = isWhole ? "text long whole" : "text long";
    more.textContent = isWhole ? "Show less" : "Show more";
    more.ariaExpanded = String(isWhole);
  };
  adapt();
  return [body, ...beside, more];
}

function viewMessage(message: Message, { me, previous, isStored, quoted, expanded }: ItemContext): HTMLLIElement {
  const isFirst = !continues(message, previous);
  const row = make("li", isFirst ? "item first" : "item");
  const name = message.by.username;
  if (isFirst) row.append(makeWritten("div", `who ${hueOf(name)}`, name));
  else row.append(make("span", "visually-hidden", `${name}: `));
  if (message.replyTo !== undefined) row.append(makeWritten("div", "quote", quoteOf(quoted)));
  const meta = viewMeta(message, me, isStored);
  if (message.isDeleted) row.append(make("div", "text deleted", "deleted"), meta);
  else row.append(...viewText(message.id, message.text, expanded, [meta]));
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
