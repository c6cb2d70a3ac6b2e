import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

/** A process that opens outboxes at a given instant and says how that ended. */
const OPENER = `
const { fileOutbox, folderOutbox } = await import(process.argv[1]);
let outbox;
process.on("message", async ({ kind, path, at, add }) => {
  await outbox?.close();
  outbox = undefined;
  if (path === undefined) return process.send("closed");
  outbox = kind === "file" ? fileOutbox(path) : folderOutbox(path);
  while (Date.now() < at);
  const answer = await outbox.open("ada", () => undefined).then((events) => events.map(({ id }) => id), ({ code }) => code);
  if (add !== undefined) await outbox.add({ type: "publish", room: "room", id: add, text: add, at: 1, after: 0 });
  process.send(answer);
});
process.send("ready");
`;

interface Wish {
  readonly kind?: "file" | "folder";
  readonly path?: string;
  readonly at?: number;
  readonly add?: string;
}

export interface Opener {
  readonly child: ChildProcess;
  ask(wish: Wish): Promise<unknown>;
}

/** `through`: a program that runs it. */
export async function opener(through: readonly string[] = []): Promise<Opener> {
  const built = new URL("../dist/node.js", import.meta.url).href;
  const [program = "", ...args] = [...through, process.execPath, "--input-type=module", "-e", OPENER, built];
  const child = spawn(program, args, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  const ask = async (wish: Wish): Promise<unknown> => {
    const answer = once(child, "message");
    child.send(wish);
    return (await answer)[0];
  };
  return { child, ask };
}

export async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
