import { setTimeout as sleep } from "node:timers/promises";
import { dial, toUrl } from "./dial.ts";

/** How long a server that has not answered is listened to, and how long after its last byte. */
const silenceMs = 1_500;
const settledMs = 400;

/**
 * What a server makes of bytes: the statuses of its answers with the `code` of a problem, and `cut` when it ends the
 * connection. `nothing`: it says nothing and waits.
 */
export async function exchange(at: number | URL, writes: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = dial(toUrl(at));
  let heard = "";
  let lastAt = Number.POSITIVE_INFINITY;
  let isCut = false;
  socket.on("data", (chunk) => {
    heard += chunk.toString("latin1");
    lastAt = performance.now();
  });
  socket.on("close", () => {
    isCut = true;
  });
  // A reset is an ending like others: `close` follows.
  socket.on("error", () => undefined);
  for (const bytes of writes) socket.write(bytes);
  const deadline = performance.now() + silenceMs;
  while (!isCut && performance.now() < Math.min(deadline, lastAt + settledMs)) await sleep(10);
  const statuses = [...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
  const code = /"code":"(\w+)"/.exec(heard)?.[1];
  const end = isCut ? "cut" : "";
  socket.destroy();
  const first = statuses.length > 2 ? `${statuses[0]} ${statuses.length} times` : statuses.join(" ");
  return [first, code, end].filter((part) => part !== "" && part !== undefined).join(" ") || "nothing";
}
