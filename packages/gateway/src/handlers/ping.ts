import type { ClientFrameOf } from "@hubbub/protocol";
import type { Connection } from "../ws/connection.ts";
import { encodePong } from "../ws/frames.ts";

export function ping(connection: Connection, { ref }: ClientFrameOf<"ping">): undefined {
  connection.send(encodePong(ref, Date.now()));
}
