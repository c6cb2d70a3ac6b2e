import { spawn } from "node:child_process";
import { once } from "node:events";
import { OWN_ROOT } from "./hubbub-process.ts";

/** What git prints, in the root of the repository. @throws when git fails or is not there */
export async function git(...args: readonly string[]): Promise<string> {
  const child = spawn("git", args, { cwd: OWN_ROOT, stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code]: unknown[] = await once(child, "close");
  if (code !== 0) throw new Error(`git ${args[0] ?? ""} ended with ${String(code)}`);
  return text.trim();
}
