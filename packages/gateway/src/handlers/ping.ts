import type { ClientFrameOf } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";
import { encodePong } from "../connections/frames.ts";
import type { Context } from "../context.ts";

export function ping({ limits }: Context, connection: Connection, { ref }: ClientFrameOf<"ping">): undefined {
  limits.pings.take(connection.address);
  connection.send(encodePong(ref, Date.now()));
}
