import { eventually } from "@hubbub/testkit";
import { WebSocket } from "ws";

/** Where Node's inspector listens when a process is told to open it. */
const INSPECTOR = "http://127.0.0.1:9229/json/list";

/**
 * Makes a Node process collect its garbage, through its inspector: an idle one does not, and what it holds would be mixed
 * with what it has only not cleared away yet.
 */
export async function collectGarbage(pid: number): Promise<void> {
  process.kill(pid, "SIGUSR1");
  const url = await eventually(async () => {
    const targets = (await (await fetch(INSPECTOR)).json()) as { webSocketDebuggerUrl: string }[];
    const [target] = targets;
    if (target === undefined) throw new Error("the inspector has no target");
    return target.webSocketDebuggerUrl;
  });
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("open", () => socket.send(JSON.stringify({ id: 1, method: "HeapProfiler.collectGarbage" })));
    socket.once("message", () => resolve());
  });
  socket.close();
}
