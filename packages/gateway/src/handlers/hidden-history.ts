import { ProtocolError, type RoomId, type Standing } from "@hubbub/protocol";
import { pause, spread } from "@hubbub/runtime";
import { encodeGap } from "../connections/frames.ts";
import type { Context } from "../context.ts";
import type { Joined, Start } from "../rooms/catch-up.ts";

/** How long a gateway that is behind may take to catch up. The repair of a hole takes a few ms. */
const CATCH_UP_MS = 2_000;
const POLL_MS = 20;
const NEVER = new AbortController().signal;

/** A room can hide from its members what came before they joined: then the client is told of a gap up to there. */
export function behindHidden({ connection, live }: Joined, start: Start, { from }: Standing): Start {
  const seq = Math.min(from, live.last);
  if (start.seq >= seq) return start;
  connection.send(encodeGap(live.id, start.seq + 1, seq, "retention"));
  return { ...start, seq, recovered: false };
}

/**
 * Resolves when this gateway has delivered everything that the room hides from the member. Later events go to all members.
 * Resolves at once if the log has lost the seq: lost numbers are not used again.
 * @throws ProtocolError unavailable, BrokerUnavailable
 */
export async function untilHiddenPassed({ hub, broker }: Context, room: RoomId, { from }: Standing): Promise<void> {
  const until = performance.now() + CATCH_UP_MS;
  for (let live = hub.find(room); live !== undefined && live.last < from; live = hub.find(room)) {
    const [head] = await broker.heads([room]);
    if (head == null || head.seq < from) return;
    live.expect(head);
    if (performance.now() > until) {
      throw new ProtocolError("unavailable", "this gateway is behind", { retryAfterMs: spread(CATCH_UP_MS) });
    }
    await pause(POLL_MS, NEVER);
  }
}
