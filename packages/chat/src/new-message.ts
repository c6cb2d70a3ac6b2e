import {
  allows,
  type EventId,
  encodeEventBody,
  encodeMessageBody,
  type FileInfo,
  type Mentions,
  type PublicUser,
  parseMentions,
  type Standing,
  withBadge,
} from "@hubbub/protocol";

export interface NewMessage {
  readonly id: EventId;
  readonly text: string;
  readonly replyTo?: number | undefined;
  readonly thread?: number | undefined;
  readonly broadcast?: true | undefined;
}

/** The body of a message event. Where the member may not use them, or the room is too large, `@room` and `@here` are plain text. */
export function encodeMessage(by: PublicUser, message: NewMessage, standing: Standing, files?: FileInfo[]): string {
  const { id, text, replyTo, thread, broadcast } = message;
  const mentions = mentionsOf(text, standing);
  if (thread === undefined && mentions === undefined && files === undefined) {
    return encodeMessageBody(JSON.stringify(withBadge(by)), id, text, replyTo);
  }
  const address = {
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(thread === undefined ? {} : { thread, ...(broadcast ? { broadcast } : {}) }),
    ...(files === undefined ? {} : { files }),
  };
  const body = { by, kind: "message", id, text, ...address } as const;
  return encodeEventBody(mentions === undefined ? body : { ...body, mentions });
}

function mentionsOf(text: string, standing: Standing) {
  const mentions = parseMentions(text);
  if (mentions === undefined) return undefined;
  const { names, room, here }: Mentions = mentions;
  const mayAll = standing.isCrowd !== true && allows(standing, "mention-all");
  const all = mayAll ? { ...(room ? { room } : {}), ...(here ? { here } : {}) } : {};
  const found = { ...(names === undefined ? {} : { names: [...names] }), ...all };
  return Object.keys(found).length === 0 ? undefined : found;
}
