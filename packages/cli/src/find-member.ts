import type { HubbubHttp } from "@hubbub/client";
import type { Member, RoomId } from "@hubbub/protocol";

/** Page by page, as long as somebody takes them. */
export async function* allMembers(http: HubbubHttp, room: RoomId): AsyncGenerator<Member> {
  let cursor: string | undefined;
  do {
    const page = await http.members(room, cursor);
    yield* page.members;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
