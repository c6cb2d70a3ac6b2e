import { createInterface } from "node:readline";
import { CliError } from "../cli-error.ts";
import { createConnected, unlessGone } from "../connected.ts";
import type { Environment } from "../environment.ts";
import { enterRoom } from "../find-room.ts";
import { existingRoom } from "./existing-room.ts";

/** Ends when every message is acked. Without a text each line of stdin is one message. */
export async function send(
  env: Environment,
  to: string,
  text: string | undefined,
  guest: string | undefined,
): Promise<void> {
  await using connected = await createConnected(env, guest);
  const { client, gone } = connected;
  const stop = AbortSignal.any([gone, env.interrupted]);
  const room = await enterRoom(client.http, await existingRoom(client.http, to));
  await unlessGone(stop, client.connect());
  const live = client.room(room.id);
  if (text !== undefined) {
    await unlessGone(stop, live.publish(text));
    return;
  }
  if (env.stdin.isTTY) throw new CliError("say what to send: hubbub send ROOM TEXT, or pipe lines into it", 2);
  const lines = createInterface({ input: env.stdin, terminal: false, signal: stop });
  for await (const line of lines) if (line.trim() !== "") await unlessGone(stop, live.publish(line));
  stop.throwIfAborted();
}
