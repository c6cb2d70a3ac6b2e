import type { HubbubHttp, Position } from "@hubbub/client";
import type { RoomEvent, RoomId } from "@hubbub/protocol";
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
  const { client, gone } = connected;
  const readerGone = new AbortController();
  env.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    readerGone.abort();
  });
  const ended = AbortSignal.any([env.interrupted, readerGone.signal]);
  const write = (line: string): void => {
    if (!readerGone.signal.aborted) env.stdout.write(`${line}\n`);
  };
  const room = await enterRoom(client.http, await existingRoom(client.http, options.room));
  const since = await startOf(client.http, room.id, options.since);
  await unlessGone(gone, client.connect());
  const live = client.room(room.id).subscribe({
    ...(since === undefined ? {} : { since }),
    onEvent: (event) => write(options.isJson ? JSON.stringify(event) : plain(event)),
    onMoved: (event) => options.isJson && write(JSON.stringify(event)),
    onGap: (gap) =>
      write(options.isJson ? JSON.stringify({ type: "gap", room: room.id, ...gap }) : renderGap(gap, PLAIN)),
  });
  await unlessGone(gone, Promise.race([live, aborted(ended)]));
  await unlessGone(gone, aborted(ended));
}

async function startOf(http: HubbubHttp, room: RoomId, seq: number | undefined): Promise<Position | undefined> {
  if (seq === undefined) return undefined;
  const { epoch } = await http.history(room, { limit: 1 });
  return { seq, epoch };
}

function plain(event: RoomEvent): string {
  return renderEvent(event, { paint: PLAIN, textAt: () => undefined }).join("\n");
}
