import type { Chat } from "../../model/chat.ts";
import type { Message } from "../../model/timeline.ts";
import { linkTo } from "../address.ts";
import { mayInRoom } from "../may-in-room.ts";
import type { MenuRow, Overlays } from "../overlay/overlays.ts";
import { removeFileRows } from "./remove-file.ts";
import { react, type TalkParts } from "./talk-context.ts";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "👀", "✅"];

export interface ChoiceParts {
  readonly talk: TalkParts;
  readonly overlays: Overlays;
  readonly chat: Chat | undefined;
}

/** What the user may do with one message. */
export function permissionsOn({ event, state }: Message, { conversation: { me, room } }: TalkParts) {
  const isOwn = event.by.id === me;
  const isLiving = !state.isDeleted;
  const canWrite = isLiving && room.settings?.archived !== true;
  return {
    react: canWrite && mayInRoom(room, "react"),
    post: canWrite && mayInRoom(room, "post"),
    edit: canWrite && isOwn,
    pin: canWrite && mayInRoom(room, "pin"),
    revisions: isLiving && state.edited !== undefined && (isOwn || mayInRoom(room, "read-revisions")),
    report: isLiving && !isOwn,
    deleteFiles: isLiving && (isOwn || mayInRoom(room, "delete-any")),
    delete: isLiving && (mayInRoom(room, "delete-any") || (isOwn && canWrite)),
  };
}

export function openReactions(message: Message, anchor: HTMLElement, { talk, overlays }: ChoiceParts): void {
  const choose = (emoji: string): void => react(talk.conversation, message, emoji);
  overlays.openMenu(anchor, [moreEmoji(anchor, overlays, choose)], EMOJI, choose);
}

/** What can be done with one message; what the user may not do is not offered. */
export function openMessageMenu(message: Message, anchor: HTMLElement, parts: ChoiceParts): void {
  const { talk, overlays } = parts;
  const { conversation } = talk;
  const { event, seq, state } = message;
  const may = permissionsOn(message, talk);
  const openThread = (): void => talk.openThread(event.thread ?? seq);
  const pin = (): void => conversation.act((live) => live.pin(seq, state.isPinned ? { remove: true } : {}));
  const rows: MenuRow[] = [
    ...(may.post ? [{ label: "Reply", act: () => talk.reply(message) }] : []),
    ...(may.post ? [{ label: "Reply in thread", act: openThread }] : []),
    { label: "Copy link", act: () => void copyLink(message, parts).catch(reportError) },
    ...(may.edit ? [{ label: "Edit", act: () => talk.edit(message) }] : []),
    ...(may.revisions ? [{ label: "Earlier texts", act: () => talk.openRevisions(message) }] : []),
    ...(may.pin ? [{ label: state.isPinned ? "Unpin" : "Pin", act: pin }] : []),
    ...(may.report ? [{ label: "Report", act: () => void report(message, parts).catch(reportError) }] : []),
    ...(may.deleteFiles ? removeFileRows(event.files ?? [], talk, overlays) : []),
    ...(may.delete
      ? [{ label: "Delete", isDanger: true, act: () => void remove(message, parts).catch(reportError) }]
      : []),
  ];
  if (!may.post && !may.react) rows.unshift({ label: "Open thread", act: openThread });
  const choose = (emoji: string): void => react(conversation, message, emoji);
  if (may.react) rows.unshift(moreEmoji(anchor, overlays, choose));
  overlays.openMenu(anchor, rows, may.react ? EMOJI : [], choose);
}

function moreEmoji(anchor: HTMLElement, overlays: Overlays, choose: (emoji: string) => void): MenuRow {
  return { label: "Other emoji", act: () => overlays.openEmoji(anchor, choose) };
}

async function copyLink({ seq }: Message, { talk, chat }: ChoiceParts): Promise<void> {
  const link = linkTo(talk.conversation.room.id, seq);
  const isCopied = await navigator.clipboard.writeText(link).then(
    () => true,
    () => false,
  );
  chat?.notice(isCopied ? "The link is copied." : `The browser lets nothing be copied. The link: ${link}`);
}

async function remove({ seq }: Message, { talk, overlays }: ChoiceParts): Promise<void> {
  if (await overlays.ask("Delete this message for everybody?", "Delete"))
    talk.conversation.act((live) => live.delete(seq));
}

async function report({ seq }: Message, { talk, overlays, chat }: ChoiceParts): Promise<void> {
  const { room } = talk.conversation;
  const told = await overlays.askReport();
  if (told === undefined || chat === undefined) return;
  if (await chat.reports.report(room.id, seq, told))
    chat.notice("Thank you. Those who moderate see the message as it is now.");
}
