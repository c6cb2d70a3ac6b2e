import type { HubbubHttp } from "@hubbub/client";
import type { Room } from "@hubbub/protocol";
import { CliError } from "../cli-error.ts";
import { findRoom } from "../find-room.ts";
import { harmlessLine } from "../harmless.ts";

/** @throws CliError that says how to make it */
export async function existingRoom(http: HubbubHttp, nameOrId: string): Promise<Room> {
  const room = await findRoom(http, nameOrId);
  if (room !== undefined) return room;
  const name = harmlessLine(nameOrId);
  throw new CliError(`there is no room ${name}. Make it: hubbub create "${name}", or list them: hubbub rooms`);
}
