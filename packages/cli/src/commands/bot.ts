import { existsSync } from "node:fs";
import { access, constants } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { Cursor } from "../bot/cursor.ts";
import { RoomBot } from "../bot/room-bot.ts";
import { LongScript, type Script, ScriptPerEvent } from "../bot/script.ts";
import type { BotCommand } from "../bot-args.ts";
import { CliError } from "../cli-error.ts";
import { aborted, createConnected, unlessGone } from "../connected.ts";
import { type Environment, tell } from "../environment.ts";
import { enterRoom } from "../find-room.ts";
import { existingRoom } from "./existing-room.ts";

/** Answers events with a script until it is interrupted. What is on its way then is answered by the next run. */
export async function bot(env: Environment, command: BotCommand): Promise<void> {
  const path = await pathOf(command.script);
  await using connected = await createConnected(env, undefined, { isPatient: true });
  const { client, gone, unlessStopped } = connected;
  const { user } = await unlessStopped(client.http.me());
  const name = basename(path);
  const log = (line: string): void => tell(env, `${name}: ${line}`);
  const script = scriptOf(command, path, env, log);
  const ended = new AbortController();
  const cursors: Cursor[] = [];
  try {
    await unlessStopped(client.connect());
    const identity = command.command === undefined ? name : `${name} ${command.command}`;
    const parts = { client, me: user.id, bot: identity, script, command: command.command, signal: ended.signal, log };
    const bots = command.rooms.map(async (nameOrId) => {
      const room = await enterRoom(client.http, await existingRoom(client.http, nameOrId));
      const about = { bot: identity, user: user.id, room: room.id };
      const cursor = new Cursor(env.configDir, about);
      cursors.push(cursor);
      return new RoomBot(parts, room, cursor).run();
    });
    await unlessGone(gone, Promise.race([aborted(env.interrupted), ...bots]));
  } finally {
    ended.abort();
    script.close();
    await Promise.all(cursors.map((cursor) => cursor.settled()));
  }
}

function scriptOf(command: BotCommand, script: string, env: Environment, log: (line: string) => void): Script {
  const variables = {
    HUBBUB_SERVER: env.server,
    ...(env.profile === undefined ? {} : { HUBBUB_PROFILE: env.profile }),
  };
  const what = { script, args: command.args, env: variables, log };
  if (command.parallel === undefined) return new LongScript(what, command.timeoutMs);
  return new ScriptPerEvent(what, command.timeoutMs, command.parallel);
}

/** A file, or a command of the PATH. @throws CliError */
async function pathOf(script: string): Promise<string> {
  if (!script.includes("/") && !existsSync(script)) return script;
  const path = resolve(script);
  await access(path, constants.X_OK).catch(() => {
    throw new CliError(`${script} cannot be run. Make it executable, with #! in its first line: chmod +x ${script}`);
  });
  return path;
}
