import type { MessageList, Room, ThreadPage } from "@hubbub/protocol";
import { harmlessLine } from "../harmless.ts";
import { type Act, type ActPlace, anywhere, inRoom, Misused, nothing } from "./act.ts";

/** Followed threads that are listed. */
const THREADS_MAX = 20;
const SHOWN_LENGTH = 80;

/** Single messages, and threads. */
export const MESSAGE_ACTS: Readonly<Record<string, Act>> = {
  threads: anywhere("", "the threads that you follow, newest reply first", async (argument, { http }) => {
    nothing(argument);
    const { threads } = await http.request<ThreadPage>("GET", "/me/threads");
    if (threads.length === 0) return ["you follow no thread; in the chat, .thread #N TEXT begins one"];
    const shown = threads.slice(0, THREADS_MAX).map(async ({ room, seq, count }) => {
      const [found, list] = await Promise.all([
        http.room(room),
        http.request<MessageList>("GET", `/rooms/${room}/messages/${seq}`),
      ]);
      return `${found.name} #${seq}, ${count} ${count === 1 ? "reply" : "replies"}: ${textsOf(list)[0] ?? ""}`;
    });
    return Promise.all(shown);
  }),
  thread: inRoom("#N [TEXT]", "read a thread, or answer in it", async (argument, place) => {
    const [, number, text] = /^#?(\d{1,15})(?:\s+(\S.*))?$/s.exec(argument) ?? [];
    if (number === undefined) throw new Misused();
    const seq = Number(number);
    if (text === undefined) return readThread(place, seq);
    await place.answer(text, seq);
    return [];
  }),
  follow: inRoom("#N", "list a thread among yours", async (argument, { http, room, spell }) => {
    const seq = seqOf(argument);
    await http.messages.follow(room.id, seq);
    return [`you follow the thread of #${seq}; ${spell("unfollow", `#${seq}`)} ends it`];
  }),
  unfollow: inRoom("#N", "follow a thread no more, also when you answer in it", async (argument, { http, room }) => {
    const seq = seqOf(argument);
    await http.messages.unfollow(room.id, seq);
    return [`you do not follow the thread of #${seq}`];
  }),
  pins: inRoom("", "the pinned messages", async (argument, { http, room }) => {
    nothing(argument);
    const lines = textsOf(await http.messages.pins(room.id));
    return lines.length === 0 ? ["nothing is pinned here"] : lines;
  }),
  pin: inRoom("#N", "for moderators: pin a message", async (argument, { http, room, spell }) => {
    const seq = seqOf(argument);
    await http.messages.pin(room.id, seq);
    return [`#${seq} is pinned; ${spell("unpin", `#${seq}`)} ends it`];
  }),
  unpin: inRoom("#N", "for moderators: end a pin", async (argument, { http, room }) => {
    const seq = seqOf(argument);
    await http.messages.unpin(room.id, seq);
    return [`#${seq} is not pinned`];
  }),
  texts: inRoom("#N", "the texts that a message has had: for its author and moderators", async (argument, place) => {
    const { http, room } = place;
    const texts = await http.messages.revisions(room.id, seqOf(argument));
    return texts.map(
      ({ at, text }) => `${new Date(at).toLocaleString()}  ${text === "" ? "(not kept)" : harmlessLine(text)}`,
    );
  }),
};

/** `#12`, or `12`. */
function seqOf(argument: string): number {
  if (!/^#?\d{1,15}$/.test(argument)) throw new Misused();
  return Number(argument.replace("#", ""));
}

async function readThread({ http, room }: ActPlace & { room: Room }, seq: number): Promise<string[]> {
  return textsOf(await http.request<MessageList>("GET", `/rooms/${room.id}/threads/${seq}`));
}

/** Messages in one line each, as they are now. */
function textsOf({ messages, states = [] }: MessageList): string[] {
  return messages.flatMap((event) => {
    if (event.kind !== "message") return [];
    const state = states.find(({ seq }) => seq === event.seq);
    const text = state?.deleted ? "(deleted)" : harmlessLine(state?.text ?? event.text);
    const short = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
    return [`#${event.seq} ${event.by.username}: ${short}`];
  });
}
