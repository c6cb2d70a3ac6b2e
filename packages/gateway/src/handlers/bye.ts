import { CLOSE } from "@hubbub/protocol";
import type { Connection } from "../ws/connection.ts";

export function bye(connection: Connection): undefined {
  connection.close(CLOSE.normal, "bye");
}
