import { createInterface } from "node:readline";
import { CliError, EXIT } from "../cli-error.ts";
import { createConnected } from "../connected.ts";
import { type Environment, tell } from "../environment.ts";
import { enterRoom } from "../find-room.ts";
import { existingRoom } from "./existing-room.ts";

/** Ends when every message is acked, or names the one that was not. Without a text each line of stdin is one message. */
export async function send(
  env: Environment,
  to: string,
  text: string | undefined,
  guest: string | undefined,
): Promise<void> {
  if (text === undefined && env.stdin.isTTY) {
    throw new CliError("say what to send: hubbub send ROOM TEXT, or pipe lines into it", EXIT.usage);
  }
  await using connected = await createConnected(env, guest);
  const { client, gone, unlessStopped } = connected;
  const room = await unlessStopped(existingRoom(client.http, to).then((found) => enterRoom(client.http, found)));
  await unlessStopped(client.connect());
  const live = client.room(room.id);
  const say = (line: string) =>
    unlessStopped(live.publish(line)).catch((error: unknown) => {
      tell(env, `no ack came for: ${line}`);
      throw error;
    });
  if (text !== undefined) {
    await say(text);
    return;
  }
  const stop = AbortSignal.any([gone, env.interrupted]);
  const lines = createInterface({ input: env.stdin, terminal: false, signal: stop });
  // A file may begin with a byte order mark, which is no part of its text.
  for await (const line of lines) if (line.trim() !== "") await say(line.replace(/^\ufeff/, ""));
  stop.throwIfAborted();
}
