import { readFile } from "node:fs/promises";
import { CliError } from "../cli-error.ts";
import { createConnected } from "../connected.ts";
import { type Environment, tell } from "../environment.ts";

/** `path` undefined: removes the picture. */
export async function setAvatar(env: Environment, path: string | undefined): Promise<void> {
  await using connected = await createConnected(env, undefined);
  const { avatars } = connected.client.http;
  if (path === undefined) {
    await avatars.remove();
    return tell(env, "You have no picture any more.");
  }
  const content = await readFile(path).catch((error: Error) => {
    throw new CliError(`${path} cannot be read: ${error.message}`);
  });
  await avatars.set(new Blob([content]), { signal: env.interrupted });
  tell(env, "Your picture is set. People who share a room with you see it.");
}
