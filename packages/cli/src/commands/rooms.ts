import { paintOf } from "../chat/paint.ts";
import { renderRoom } from "../chat/render.ts";
import { createConnected } from "../connected.ts";
import { type Environment, tell } from "../environment.ts";
import { listAll } from "../find-room.ts";
import { harmlessLine } from "../harmless.ts";
import { persistently } from "../persistently.ts";

export async function rooms(env: Environment): Promise<void> {
  await using connected = await createConnected(env, undefined);
  let count = 0;
  for await (const room of listAll(connected.client.http, {})) {
    env.stdout.write(`${renderRoom(room, paintOf(env.colors))}\n`);
    count += 1;
  }
  if (count === 0) tell(env, "There are no rooms yet. Make one: hubbub create ROOM");
}

export async function create(env: Environment, name: string, isPrivate: boolean): Promise<void> {
  await using connected = await createConnected(env, undefined);
  const { http } = connected.client;
  const room = await persistently(() => http.createRoom({ name, visibility: isPrivate ? "private" : "public" }));
  env.stdout.write(`${harmlessLine(room.id)}\n`);
  tell(env, `${room.name} is there. Enter it: hubbub chat ${room.id}`);
}
