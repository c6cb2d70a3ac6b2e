import { type Permission, permits, type Room } from "@hubbub/protocol";
import type { Message } from "../timeline.ts";
import { make } from "./element.ts";
import { menuRow, openMenu } from "./menu.ts";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "👀", "✅"];

export interface MenuChoices {
  react(message: Message, emoji: string): void;
  reply(message: Message): void;
  thread(message: Message): void;
  edit(message: Message): void;
  remove(message: Message): void;
  pin(message: Message): void;
  report(message: Message): void;
}

/** What can be done with one message; what the user may not do is not offered. */
export function openMessageMenu(
  message: Message,
  anchor: HTMLElement,
  { me, room }: { me: string; room: Room },
  choices: MenuChoices,
): void {
  const { event, state } = message;
  const isOwn = event.by.id === me;
  const may = (permission: Permission): boolean =>
    room.role !== null && room.role !== undefined && permits(room.role, permission, room.settings?.permissions);
  const canWrite = room.settings?.archived !== true;
  const row = (label: string, choose: (message: Message) => void): HTMLElement => menuRow(label, () => choose(message));
  const emoji = EMOJI.map((one) => menuRow(one, () => choices.react(message, one)));
  const living = [
    ...(canWrite && may("react") ? [make("div", "emoji", emoji)] : []),
    ...(canWrite && may("post") ? [row("Reply", choices.reply), row("Reply in thread", choices.thread)] : []),
    ...(canWrite && isOwn ? [row("Edit", choices.edit)] : []),
    ...(canWrite && may("pin") ? [row(state.isPinned ? "Unpin" : "Pin", choices.pin)] : []),
    ...(isOwn ? [] : [row("Report", choices.report)]),
    ...(may("delete-any") || (isOwn && canWrite) ? [row("Delete", choices.remove)] : []),
  ];
  openMenu(anchor, state.isDeleted || living.length === 0 ? [row("Open thread", choices.thread)] : living);
}
