import { CLOSE } from "@hubbub/protocol";
import type { Connection } from "../connections/connection.ts";

export function bye(connection: Connection): undefined {
  connection.close(CLOSE.normal, "bye");
}
