import type { Turns } from "@hubbub/broker";
import {
  type EventId,
  outranks,
  ProtocolError,
  type RoomId,
  requirePermission,
  type Standing,
  type UserId,
} from "@hubbub/protocol";

const MS = 1_000;

interface Message {
  readonly room: RoomId;
  readonly user: UserId;
  readonly id: EventId;
}

/**
 * Whether a member may send a message now. A message that is sent again has its turn in slow mode already. Moderators have
 * no slow mode. `check` runs before a turn is taken: what it refuses costs none.
 * @throws ProtocolError room_archived, muted, forbidden, slow_mode, unavailable
 */
export async function admitMessage(
  turns: Turns,
  standing: Standing,
  { room, user, id }: Message,
  check?: () => Promise<void>,
): Promise<void> {
  requirePermission(standing, "post");
  const { slowModeSeconds = 0 } = standing.settings ?? {};
  if (slowModeSeconds === 0 || outranks(standing.role, "moderator")) return;
  await check?.();
  const retryAfterMs = await turns.take(`slow:${room}:${user}:${slowModeSeconds}`, id, slowModeSeconds * MS);
  if (retryAfterMs > 0) throw new ProtocolError("slow_mode", undefined, { retryAfterMs });
}
