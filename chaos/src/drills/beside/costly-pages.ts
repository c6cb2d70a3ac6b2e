import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { TEXT_MAX_BYTES } from "@hubbub/protocol";
import type { Attack } from "./attack.ts";
import { AttackerHttp, hammer } from "./attacker-http.ts";

const connections = 8;
const messages = 200;
const retryMs = 100;
/** Six bytes each as JSON: the largest frame that a text can make. */
const largestText = "\u0001".repeat(Math.floor(TEXT_MAX_BYTES / 6));

export const costlyPages: Attack = {
  name: "costly-pages",
  does: `one user asks for the most expensive pages in a loop over ${connections} connections`,
  async prepare(target) {
    using http = new AttackerHttp(target);
    for (let sent = 0; sent < messages; ) {
      const text = sent % 2 === 0 ? "x".repeat(TEXT_MAX_BYTES) : largestText;
      const { status } = await http.call("POST", `/rooms/${target.room}/messages`, { id: randomUUID(), text });
      if (status === 201) sent += 1;
      else await sleep(retryMs);
    }
  },
  async strike(target, signal, count) {
    using http = new AttackerHttp(target);
    const paths = [
      `/rooms/${target.room}/messages?limit=200`,
      `/rooms/${target.room}/messages?limit=200&after=0`,
      "/rooms?joined=false",
      "/rooms?query=oom",
    ];
    await hammer(connections, signal, async (turn) => {
      const { status } = await http.call("GET", paths[turn % paths.length] ?? "/rooms");
      count(`page ${status}`);
    });
  },
};
