import { doAct } from "../acts/acts.ts";
import type { ShortCommand } from "../args.ts";
import { CliError } from "../cli-error.ts";
import { createConnected } from "../connected.ts";
import { type Environment, tell } from "../environment.ts";
import { harmlessLine } from "../harmless.ts";
import { existingRoom } from "./existing-room.ts";

/** What a dot command of the chat does, as a command of its own. */
export async function act(env: Environment, command: Extract<ShortCommand, { name: "act" }>): Promise<void> {
  await using connected = await createConnected(env, undefined);
  const { http } = connected.client;
  const room = command.room === "" ? undefined : await existingRoom(http, command.room);
  const place = {
    http,
    server: env.server,
    room,
    messages: undefined,
    enter: async ({ id, name }: { id: string; name: string }) =>
      tell(env, harmlessLine(`${name} is open to you. Enter it: hubbub chat ${id}`)),
    answer: () => Promise.reject(new CliError("answers are given in the chat: hubbub chat ROOM, then .thread #N TEXT")),
  };
  for (const line of await doAct(command.act, command.argument, place, "hubbub ")) {
    env.stdout.write(`${harmlessLine(line)}\n`);
  }
}
