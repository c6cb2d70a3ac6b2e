import type { Person } from "@hubbub/testkit";
import type { History } from "./history.ts";
import { digestOf } from "./records.ts";

/** Adds what the history of each room says to the history: where only committed events are shown, that is what is stored. */
export async function readOverHttp(members: ReadonlyMap<string, Person>, history: History): Promise<void> {
  for (const [room, member] of members) {
    for (let after = 0; ; ) {
      const { messages } = await member.history(room, `limit=200&after=${after}`);
      for (const event of messages) {
        const digest = "text" in event && event.text !== "" ? digestOf(event.text) : 0;
        const { seq, epoch, id, kind } = event;
        history.add({ type: "stored", room, seq, epoch, id, user: event.by.id, kind, digest });
      }
      const last = messages.at(-1);
      if (last === undefined) break;
      after = last.seq;
    }
  }
}
