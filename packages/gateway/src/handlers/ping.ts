import { type ClientFrameOf, ProtocolError } from "@hubbub/protocol";
import type { Connection } from "../ws/connection.ts";
import { encodePong } from "../ws/frames.ts";
import type { Parts } from "../ws/parts.ts";

export function ping({ addressPings }: Parts, connection: Connection, { ref }: ClientFrameOf<"ping">): undefined {
  const retryAfterMs = addressPings.take(connection.address);
  if (retryAfterMs > 0) throw new ProtocolError("rate_limited", "too many pings", { retryAfterMs });
  connection.send(encodePong(ref, Date.now()));
}
