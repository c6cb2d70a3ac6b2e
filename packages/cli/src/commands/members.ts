import { paintOf } from "../chat/paint.ts";
import { renderMember } from "../chat/render.ts";
import { createConnected } from "../connected.ts";
import { type Environment, tell } from "../environment.ts";
import { allMembers } from "../find-member.ts";
import { existingRoom } from "./existing-room.ts";

export async function listMembers(env: Environment, nameOrId: string): Promise<void> {
  await using connected = await createConnected(env, undefined);
  const { http } = connected.client;
  const { id } = await existingRoom(http, nameOrId);
  const paint = paintOf(env.colors);
  for await (const member of allMembers(http, id)) env.stdout.write(`${renderMember(member, paint)}\n`);
}

export async function leave(env: Environment, nameOrId: string, mayClose: boolean): Promise<void> {
  await using connected = await createConnected(env, undefined);
  const { http } = connected.client;
  const room = await existingRoom(http, nameOrId);
  await http.leaveRoom(room.id, { close: mayClose || undefined });
  tell(env, `You left ${room.name}.`);
}
