import type { PublicUser } from "@hubbub/protocol";
import { type Item, type Message, textOf } from "../timeline.ts";
import { clockOf, hueOf } from "../ui/words.ts";
import { make, makeButton } from "./element.ts";
import { viewFiles } from "./file-view.ts";
import { viewText } from "./text-view.ts";

/** Messages of one author closer than this stand under one name. */
const GROUP_MS = 300_000;
const QUOTE_LENGTH = 120;

/** What somebody can do with a message that is shown. */
export interface MessageActions {
  react(message: Message, emoji: string): void;
  openMenu(message: Message, anchor: HTMLElement): void;
  openThread(root: number): void;
  openPerson(user: PublicUser, anchor: HTMLElement): void;
  /** Scrolls to a message, where it is loaded. */
  jump(seq: number): void;
  /** Address of the picture of a user; undefined: none. */
  avatarOf(user: string): Promise<string | undefined>;
  fileUrl(file: string, options?: { thumbnail?: "small" | "large" }): Promise<string>;
}

export interface ItemContext {
  readonly me: string;
  readonly previous: Item | undefined;
  readonly isStored: boolean;
  /** The message a reply answers, where it is loaded. */
  readonly quoted: Message | undefined;
  /** Ids of long messages that are shown whole. */
  readonly expanded: Set<string>;
  readonly actions: MessageActions;
  /** Inside of a thread nothing leads into it. */
  readonly isInThread?: boolean;
}

export function viewMessage(message: Message, context: ItemContext): HTMLLIElement {
  const { event, state } = message;
  const { me, previous, isStored, expanded, actions } = context;
  const name = event.by.username;
  const row = make("li", rowClass(message, previous));
  row.dataset["seq"] = String(event.seq);
  if (row.classList.contains("first")) row.append(whoButton(event.by, actions));
  else row.append(make("span", "visually-hidden", `${name}: `));
  if (event.replyTo !== undefined && !state.isDeleted) row.append(viewQuote(event.replyTo, context));
  const meta = viewMeta(message, me, isStored);
  const text = textOf(message);
  if (state.isDeleted) row.append(make("div", "text deleted", "This message was deleted."), meta);
  else if (text === "") row.append(make("div", "text", ""), meta);
  else row.append(...viewText(event.id, text, expanded, [meta], event.mentions));
  if (!state.isDeleted && event.files !== undefined) row.append(viewFiles(event.files, actions));
  if (state.reactions.size > 0) row.append(viewReactions(message, me, actions));
  if (state.replies !== undefined && context.isInThread !== true) row.append(threadButton(message, actions));
  if (!state.isDeleted || state.replies !== undefined) row.append(menuButton(message, actions));
  return row;
}

/** The picture is there once it is loaded. */
function whoButton(user: PublicUser, actions: MessageActions): HTMLElement {
  const button = makeButton(`who ${hueOf(user.username)}`, user.username, () => actions.openPerson(user, button));
  button.dir = "auto";
  actions
    .avatarOf(user.id)
    .then((url) => {
      if (url !== undefined) button.prepend(avatarImage(url));
    })
    .catch(reportError);
  return button;
}

function avatarImage(url: string): HTMLImageElement {
  const image = make("img", "avatar");
  image.alt = "";
  image.src = url;
  return image;
}

function rowClass({ event, state }: Message, previous: Item | undefined): string {
  const isFirst = !continues(event, previous);
  return `item${isFirst ? " first" : ""}${state.isPinned ? " pinned" : ""}`;
}

function viewMeta({ event, state }: Message, me: string, isStored: boolean): HTMLElement {
  const edited = state.edited === undefined ? "" : "edited ";
  const stamp = make("time", "", `${state.isPinned ? "📌 " : ""}${edited}${clockOf(event.at)}`);
  stamp.dateTime = new Date(event.at).toISOString();
  if (event.by.id !== me) return stamp;
  const mark = make("span", isStored ? "mark stored" : "mark", isStored ? " ✓✓" : " ✓");
  mark.title = isStored ? "Stored" : "Sent";
  stamp.append(mark);
  return stamp;
}

/** A click adds or takes back the own reaction. */
function viewReactions(message: Message, me: string, actions: MessageActions): HTMLElement {
  const chips = [...message.state.reactions].map(([emoji, users]) => {
    const chip = makeButton("chip", `${emoji} ${users.size}`, () => actions.react(message, emoji));
    chip.ariaPressed = String([...users].some((user) => user === me));
    return chip;
  });
  return make("div", "reactions", chips);
}

function threadButton({ event, state }: Message, actions: MessageActions): HTMLElement {
  const count = state.replies?.count ?? 0;
  const label = count === 1 ? "1 reply" : `${count} replies`;
  return makeButton("thread-link small quiet", label, () => actions.openThread(event.seq));
}

function menuButton(message: Message, actions: MessageActions): HTMLElement {
  const button = makeButton("menu-button quiet", "⋯", () => actions.openMenu(message, button));
  button.ariaLabel = `Actions for the message of ${message.event.by.username}`;
  return button;
}

function viewQuote(seq: number, { quoted, actions }: ItemContext): HTMLElement {
  const button = makeButton("quote", quoteOf(quoted), () => actions.jump(seq));
  button.dir = "auto";
  return button;
}

export function quoteOf(quoted: Message | undefined): string {
  if (quoted === undefined) return "an earlier message";
  const name = quoted.event.by.username;
  if (quoted.state.isDeleted) return `${name}: deleted`;
  const text = textOf(quoted) || quoted.event.files?.map((file) => file.name).join(", ") || "";
  return `${name}: ${[...text.slice(0, 2 * QUOTE_LENGTH)].slice(0, QUOTE_LENGTH).join("")}`;
}

function continues(event: Message["event"], previous: Item | undefined): boolean {
  return (
    previous?.kind === "message" &&
    previous.event.by.id === event.by.id &&
    previous.event.by.username === event.by.username &&
    event.replyTo === undefined &&
    event.at - previous.at < GROUP_MS
  );
}
