import { doAct, entersRoom } from "../../acts/acts.ts";
import { type ChatInput, parseChatInput } from "../../chat/chat-input.ts";
import { doMessageCommand } from "../../chat/message-commands.ts";
import { PLAIN } from "../../chat/paint.ts";
import { textOf } from "../../chat/past.ts";
import { register } from "../../chat/register.ts";
import { oneLine, renderMember, renderRoom } from "../../chat/render.ts";
import { CliError } from "../../cli-error.ts";
import { allMembers } from "../../find-member.ts";
import { findRoom, listAll } from "../../find-room.ts";
import { harmlessLine } from "../../harmless.ts";
import { chatUsage } from "../../usage.ts";
import type { Purpose } from "./composing.ts";
import type { Desk } from "./desk.ts";
import { emojiNamed } from "./emoji-names.ts";
import { KEYS_USAGE } from "./keys-usage.ts";
import { firstLine } from "./markdown.ts";
import { type Hit, hitsOf } from "./overlay.ts";
import type { Talk } from "./talk.ts";

/** Lines of a list; more are counted. */
const LISTED_MAX = 200;
/** Followed threads that are listed. */
const THREADS_MAX = 20;

/** Commands that only the full screen has. */
export type ScreenInput =
  | { readonly kind: "search"; readonly query: string }
  | { readonly kind: "keys" | "pins" | "threads" }
  | { readonly kind: "thread"; readonly seq: number };

export type DeskInput = Exclude<ChatInput, { kind: "quit" }> | ScreenInput;

/** What a line means. `.thread #12` without a text opens the thread. */
export function parseDeskInput(line: string, isPasted: boolean): ChatInput | ScreenInput {
  const [, name = "", rest = ""] = isPasted
    ? []
    : (/^[./](search|pins|keys|threads?)(?:\s+(.*))?$/i.exec(line.trim()) ?? []);
  const argument = rest.trim();
  switch (name.toLowerCase()) {
    case "search":
      return argument === "" ? { kind: "hint", hint: "say what: .search WORDS" } : { kind: "search", query: argument };
    case "pins":
    case "keys":
    case "threads":
      return { kind: name.toLowerCase() as "pins" | "keys" | "threads" };
    case "thread":
      if (/^#?\d{1,15}$/.test(argument)) return { kind: "thread", seq: Number(argument.replace("#", "")) };
      break;
  }
  return parseChatInput(line, isPasted);
}

/** Whether what is typed behind it is meant for the room that it leads into. */
export function leadsAway(input: DeskInput): boolean {
  return input.kind === "join" || (input.kind === "act" && entersRoom(input.name));
}

/** Does what the line with this purpose says, in the room where it was typed. @throws CliError, HubbubError */
export async function fulfil(purpose: Exclude<Purpose, { kind: "say" }>, text: string, talk: Talk): Promise<void> {
  const { seq } = purpose;
  switch (purpose.kind) {
    case "reply":
      return talk.send(text, { replyTo: seq, thread: purpose.thread });
    case "edit":
      await orSaid(talk, text, talk.live.edit(seq, text, { baseSeq: purpose.base }));
      return;
    case "react": {
      const emoji = emojiNamed(text.trim()) ?? text.trim();
      const me = talk.me?.id;
      const isMine = me !== undefined && talk.messages.get(seq)?.state.reactions.get(emoji)?.has(me) === true;
      await talk.live.react(seq, emoji, isMine ? { remove: true } : {});
    }
  }
}

/** A refused text is not lost. */
async function orSaid(talk: Talk, text: string, work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    talk.say([`not changed: “${oneLine(text)}”`]);
    throw error;
  });
}

/** @throws CliError, HubbubError */
export async function obey(desk: Desk, input: DeskInput): Promise<void> {
  const { talk } = desk;
  switch (input.kind) {
    case "text":
      return say(desk, input.text);
    case "join":
      return join(desk, input.room);
    case "members":
    case "rooms":
      return list(desk, input.kind);
    case "act":
      return act(desk, input.name, input.argument);
    case "register":
      return desk.answer([await register(desk.client, input)]);
    case "history":
      return desk.pane.scroll(input.count);
    case "edit":
    case "delete":
    case "react":
    case "reply":
    case "upload":
      return aboutMessage(desk, roomOf(desk), input);
    case "leave":
    case "close":
      return leave(desk, roomOf(desk), input.kind === "close");
    case "usage":
      return desk.answer(chatUsage(input.topic));
    case "keys":
      return desk.answer(KEYS_USAGE);
    case "search":
      return search(desk, input.query);
    case "pins":
      return pins(desk, roomOf(desk));
    case "threads":
      return threads(desk);
    case "thread":
      return desk.openThread(input.seq);
    case "hint":
      return desk.answer([input.hint], talk);
    case "nothing":
  }
}

function roomOf({ talk }: Desk): Talk {
  if (talk === undefined) throw new CliError("you are in no room: Ctrl-K finds one, .join ROOM enters it");
  return talk;
}

function say(desk: Desk, text: string): void {
  const talk = roomOf(desk);
  talk.send(text, desk.thread === undefined ? {} : { thread: desk.thread });
  desk.activePane.toEnd();
  if (talk.past !== undefined) talk.leavePast();
}

async function join(desk: Desk, nameOrId: string): Promise<void> {
  const room = await findRoom(desk.client.http, nameOrId);
  if (room === undefined) throw new CliError(`there is no room ${nameOrId}; .rooms lists them`);
  await desk.enter(room);
}

async function list(desk: Desk, what: "members" | "rooms"): Promise<void> {
  const { http } = desk.client;
  const lines: string[] = [];
  const add = (line: string): boolean => lines.push(line) < LISTED_MAX;
  if (what === "rooms") for await (const room of listAll(http, {})) if (!add(renderRoom(room, PLAIN))) break;
  if (what === "members")
    for await (const member of allMembers(http, roomOf(desk).room.id)) if (!add(renderMember(member, PLAIN))) break;
  desk.answer(lines.length < LISTED_MAX ? lines : [...lines, "there are more"]);
}

async function act(desk: Desk, name: string, argument: string): Promise<void> {
  const { talk } = desk;
  const lines = await doAct(name, argument, {
    http: desk.client.http,
    server: desk.server,
    room: talk?.room,
    messages: talk?.messages,
    enter: (room) => desk.enter(room),
    answer: async (text, thread) => talk?.send(text, { thread }),
  });
  desk.answer(lines, desk.talk ?? talk);
}

async function aboutMessage(desk: Desk, talk: Talk, input: Parameters<typeof doMessageCommand>[0]): Promise<void> {
  // What was typed before is the newest message when its event is there.
  if (input.kind !== "upload") await talk.drafts.settled();
  await doMessageCommand(input, {
    live: talk.live,
    messages: talk.messages,
    me: desk.me?.id,
    send: async (text, { replyTo, files }) =>
      talk.send(text, { replyTo, files: files?.map((id) => ({ id: id as never })) }),
    underway: (text) => {
      desk.upload = text;
      desk.changed();
    },
  });
}

/** `mayClose`: the last member closes the room. */
async function leave(desk: Desk, { room }: Talk, mayClose: boolean): Promise<void> {
  await desk.client.http.leaveRoom(room.id, { close: mayClose || undefined });
  desk.left(room.id);
  desk.hint = `you left ${room.name}; .join ROOM goes on`;
}

async function search(desk: Desk, query: string): Promise<void> {
  desk.hint = "searching…";
  desk.changed();
  const page = await desk.client.http.search(query).finally(() => {
    desk.hint = "";
  });
  const hits = hitsOf(page, (id) => desk.rooms.get(id)?.name ?? "");
  if (hits.length === 0) throw new CliError(`nothing was found for ${query}`);
  const more = page.cursor === undefined ? "" : ", the newest ones; before:DAY finds older ones";
  desk.overlay = { kind: "hits", title: `${hits.length} found${more}`, hits, at: 0 };
  desk.changed();
}

async function pins(desk: Desk, talk: Talk): Promise<void> {
  const list = await desk.client.http.messages.pins(talk.room.id);
  talk.messages.addPage(list);
  const results = list.messages.flatMap((event) =>
    event.kind === "message" ? [{ ...event, text: textOf(talk.messages, event.seq) ?? "", highlights: [] }] : [],
  );
  const hits = hitsOf({ results }, () => "📌");
  if (hits.length === 0) throw new CliError("nothing is pinned here");
  desk.overlay = { kind: "hits", title: "pinned messages", hits, at: 0 };
  desk.changed();
}

/** The threads that the user follows, the newest reply first. */
async function threads(desk: Desk): Promise<void> {
  const { messages } = desk.client.http;
  const page = await messages.followed();
  const hits = page.threads.slice(0, THREADS_MAX).map(async ({ room, seq, count }): Promise<Hit> => {
    const {
      messages: [root],
      states: [state] = [],
    } = await messages.get(room, seq);
    const text = root?.kind === "message" ? (state?.text ?? root.text) : "";
    const what = `${root?.by.username ?? ""}: ${state?.deleted ? "(deleted)" : firstLine(text)}`;
    const replies = count === 1 ? "1 reply" : `${count} replies`;
    const label = harmlessLine(`${desk.rooms.get(room)?.name ?? ""}  ${replies}  ${what}`);
    return { room, seq, label, isThread: true };
  });
  if (hits.length === 0) throw new CliError("you follow no thread; .thread #N TEXT begins one");
  desk.overlay = { kind: "hits", title: "threads that you follow", hits: await Promise.all(hits), at: 0 };
  desk.changed();
}
