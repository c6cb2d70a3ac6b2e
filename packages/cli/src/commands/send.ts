import { createInterface } from "node:readline";
import { CliError } from "../cli-error.ts";
import { createConnected, unlessGone } from "../connected.ts";
import type { Environment } from "../environment.ts";
import { enterRoom } from "../find-room.ts";
import { harmlessLine } from "../harmless.ts";
import { existingRoom } from "./existing-room.ts";

/** Ends when every message is acked, or names the one that was not. Without a text each line of stdin is one message. */
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
  const say = (line: string) =>
    unlessGone(stop, live.publish(line)).catch((error: unknown) => {
      env.stderr.write(`no ack came for: ${harmlessLine(line)}\n`);
      throw error;
    });
  if (text !== undefined) {
    await say(text);
    return;
  }
  if (env.stdin.isTTY) throw new CliError("say what to send: hubbub send ROOM TEXT, or pipe lines into it", 2);
  const lines = createInterface({ input: env.stdin, terminal: false, signal: stop });
  for await (const line of lines) if (line.trim() !== "") await say(line);
  stop.throwIfAborted();
}
