import type { Message } from "@hubbub/client";
import type { RoomEvent } from "@hubbub/protocol";
import type { Desk } from "./desk.ts";
import type { Talk } from "./talk.ts";

/** Where the line of what is new stands: to the first message of somebody else behind it. */
export async function toFirstUnread(desk: Desk): Promise<void> {
  const { talk } = desk;
  const after = talk?.newLine.after;
  if (talk === undefined || after === undefined) {
    desk.hint = "nothing was unread here";
    return;
  }
  const isNew = (event: RoomEvent): boolean => event.seq > after && isNews(event, desk.me?.id);
  const isLoaded = after + 1 >= talk.oldest;
  const first = isLoaded
    ? talk.messages.all.find(({ event }) => isNew(event))?.event
    : await firstBehind(talk, after, isNew);
  if (first === undefined) desk.hint = "nothing was unread here";
  else if (desk.talk === talk) await desk.jump(talk.room.id, first.seq);
}

/** Messages of others behind `seq`, of those that are loaded. */
export function newsBehind({ messages }: Pick<Talk, "messages">, seq: number, me: string | undefined): Message[] {
  return messages.all.filter(({ event }) => event.seq > seq && isNews(event, me));
}

function isNews(event: RoomEvent, me: string | undefined): boolean {
  return event.kind === "message" && event.by.id !== me && (event.thread === undefined || event.broadcast === true);
}

async function firstBehind(
  talk: Talk,
  after: number,
  isNew: (event: RoomEvent) => boolean,
): Promise<RoomEvent | undefined> {
  const { messages } = await talk.live.history({ after });
  return messages.find(isNew);
}
