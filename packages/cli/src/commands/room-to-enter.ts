import { createInterface } from "node:readline";
import type { HubbubHttp } from "@hubbub/client";
import type { Room } from "@hubbub/protocol";
import type { Environment } from "../environment.ts";
import { findRoom } from "../find-room.ts";
import { harmlessLine } from "../harmless.ts";
import { persistently } from "../persistently.ts";
import { existingRoom } from "./existing-room.ts";

/** A missing room is made with --create, or after asking. */
export async function roomToEnter(
  env: Environment,
  http: HubbubHttp,
  nameOrId: string,
  mayCreate: boolean,
): Promise<Room> {
  const found = await findRoom(http, nameOrId);
  if (found !== undefined) return found;
  const mayMake = mayCreate || (await wantsRoom(env, nameOrId));
  if (!mayMake) return existingRoom(http, nameOrId);
  return persistently(() => http.createRoom({ name: nameOrId, visibility: "public" }));
}

/** Ctrl-C and Ctrl-D are a no. */
async function wantsRoom(env: Environment, name: string): Promise<boolean> {
  if (!env.stdin.isTTY || !env.stderr.isTTY) return false;
  const readline = createInterface({ input: env.stdin, output: env.stderr });
  const answer = await new Promise<string>((resolve) => {
    readline.question(`There is no room ${harmlessLine(name)}. Make it? [y/N] `, resolve);
    readline.once("close", () => resolve("no"));
  });
  readline.close();
  return /^y(es)?$/i.test(answer.trim());
}
