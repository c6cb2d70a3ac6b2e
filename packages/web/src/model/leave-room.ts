import { HubbubError, type HubbubHttp } from "@hubbub/client";
import type { RoomId } from "@hubbub/protocol";

/**
 * Refused for the last owner of others. `close`: a room that nobody else is in ends for good. Answers `last` when that is
 * what leaving would do and it was not asked for.
 */
export async function leaveRoom(
  http: Pick<HubbubHttp, "leaveRoom">,
  id: RoomId,
  close: boolean,
): Promise<"last" | "done"> {
  try {
    await http.leaveRoom(id, close ? { close } : {});
    return "done";
  } catch (error) {
    if (error instanceof HubbubError && error.code === "last_member") return "last";
    throw error;
  }
}
