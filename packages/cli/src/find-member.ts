import type { HubbubHttp } from "@hubbub/client";
import { type Member, type RoomId, usernameKey } from "@hubbub/protocol";
import { CliError } from "./cli-error.ts";

/** @throws CliError when nobody of this name is in the room */
export async function findMember(http: HubbubHttp, room: RoomId, username: string): Promise<Member> {
  const key = usernameKey(username);
  for await (const member of allMembers(http, room)) if (usernameKey(member.user.username) === key) return member;
  throw new CliError(
    `there is no ${username} in this room. List its members: .members in the chat, or hubbub members ROOM`,
  );
}

/** Page by page, as long as somebody takes them. */
export async function* allMembers(http: HubbubHttp, room: RoomId): AsyncGenerator<Member> {
  let cursor: string | undefined;
  do {
    const page = await http.members(room, cursor);
    yield* page.members;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
