import type { Standing } from "@hubbub/protocol";
import { encodeGap } from "../connections/frames.ts";
import type { Joined, Start } from "../rooms/catch-up.ts";

/** A room can hide from its members what came before they joined: then the client is told of a gap up to there. */
export function behindHidden({ connection, live }: Joined, start: Start, { from }: Standing): Start {
  const seq = Math.min(from, live.last);
  if (start.seq >= seq) return start;
  connection.send(encodeGap(live.id, start.seq + 1, seq, "retention"));
  return { ...start, seq, recovered: false };
}
