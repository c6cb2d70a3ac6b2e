import type { HubbubHttp, Position } from "@hubbub/client";
import { harmlessJson, type RoomEvent, type RoomId } from "@hubbub/protocol";
import { PLAIN } from "../chat/paint.ts";
import { renderEvent, renderGap } from "../chat/render.ts";
import { aborted, createConnected, unlessGone } from "../connected.ts";
import type { Environment } from "../environment.ts";
import { enterRoom } from "../find-room.ts";
import { existingRoom } from "./existing-room.ts";

export interface TailOptions {
  readonly room: string;
  readonly isJson: boolean;
  /** The last seq already held; without it only what is new. */
  readonly since: number | undefined;
  readonly guest: string | undefined;
}

/** Follows a room until it is interrupted or its reader is gone. Gaps are lines of their own. */
export async function tail(env: Environment, options: TailOptions): Promise<void> {
  await using connected = await createConnected(env, options.guest);
  const { client, gone, unlessStopped } = connected;
  const write = (line: string): void => {
    if (!env.interrupted.aborted) env.stdout.write(`${line}\n`);
  };
  const room = await unlessStopped(
    existingRoom(client.http, options.room).then((found) => enterRoom(client.http, found)),
  );
  const since = await unlessStopped(startOf(client.http, room.id, options.since));
  await unlessStopped(client.connect());
  const live = client.room(room.id).subscribe({
    ...(since === undefined ? {} : { since }),
    onEvent: (event) => write(options.isJson ? harmlessJson(event) : plain(event)),
    onMoved: (event) => options.isJson && write(harmlessJson(event)),
    onGap: (gap) =>
      write(options.isJson ? harmlessJson({ type: "gap", room: room.id, ...gap }) : renderGap(gap, PLAIN)),
  });
  const ended = aborted(env.interrupted);
  await unlessGone(gone, Promise.race([live, ended]));
  await unlessGone(gone, ended);
}

async function startOf(http: HubbubHttp, room: RoomId, seq: number | undefined): Promise<Position | undefined> {
  if (seq === undefined) return undefined;
  const { epoch } = await http.history(room, { limit: 1 });
  return { seq, epoch };
}

function plain(event: RoomEvent): string {
  return renderEvent(event, { paint: PLAIN, textAt: () => undefined }).join("\n");
}
