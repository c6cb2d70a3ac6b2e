import type { HubbubHttp } from "@hubbub/client";
import type { RoomId } from "@hubbub/protocol";
import type { MemberChange } from "./args.ts";
import { findMember } from "./find-member.ts";

/** Does it and says what is true now. @throws HubbubError forbidden, last_owner, unknown_user, has_left …; CliError */
export async function doChangeMember(
  http: HubbubHttp,
  change: MemberChange,
  room: RoomId,
  username: string,
): Promise<string> {
  if (change === "invite") {
    const { user, role } = await http.addMember(room, username);
    return `${user.username} is ${role === "owner" ? "an owner" : "a member"} of the room`;
  }
  const { user } = await findMember(http, room, username);
  if (change === "remove") {
    await http.removeMember(room, user.id);
    return `${user.username} was removed, and comes back only when an owner brings them in`;
  }
  await http.setRole(room, user.id, change);
  return `${user.username} is ${change === "owner" ? "an owner" : "no owner but a member"} now`;
}
