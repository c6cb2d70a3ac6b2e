import { type ClientFrameOf, ProtocolError } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import { encodePong } from "../connections/frames.ts";
import type { Context } from "../context.ts";

export function ping({ addressPings }: Context, connection: Connection, { ref }: ClientFrameOf<"ping">): undefined {
  const retryAfterMs = addressPings.take(connection.address);
  if (retryAfterMs > 0) throw new ProtocolError("rate_limited", "too many pings", { retryAfterMs });
  connection.send(encodePong(ref, Date.now()));
}
