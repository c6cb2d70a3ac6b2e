import { createInterface } from "node:readline/promises";
import type { HubbubHttp } from "@hubbub/client";
import type { Room } from "@hubbub/protocol";
import { Chat } from "../chat/chat.ts";
import { parseChatInput } from "../chat/chat-input.ts";
import { Errands } from "../chat/errands.ts";
import { COLORED, PLAIN } from "../chat/paint.ts";
import { Screen } from "../chat/screen.ts";
import { aborted, createConnected, unlessGone } from "../connected.ts";
import type { Environment } from "../environment.ts";
import { findRoom } from "../find-room.ts";
import { harmlessLine } from "../harmless.ts";
import { existingRoom } from "./existing-room.ts";

/** What was typed last is given this long to be acked when the chat ends. */
const FAREWELL_MS = 3_000;

export async function chat(
  env: Environment,
  nameOrId: string,
  mayCreate: boolean,
  guest: string | undefined,
): Promise<void> {
  let chatting: Chat | undefined;
  await using connected = await createConnected(env, guest, (state) => chatting?.stateChanged(state));
  const { client, gone } = connected;
  const starting = AbortSignal.any([gone, env.interrupted]);
  const room = await roomToEnter(env, client.http, nameOrId, mayCreate);
  await unlessGone(starting, client.connect());
  const screen = new Screen(env);
  chatting = new Chat(client, screen, env.isColored ? COLORED : PLAIN, env.server);
  await unlessGone(starting, chatting.enter(room));
  try {
    await talk(env, screen, chatting, gone);
  } finally {
    screen.close();
  }
}

/** Until `.quit`, Ctrl-C or the end of the input. @throws the reason of `gone` */
async function talk(env: Environment, screen: Screen, chatting: Chat, gone: AbortSignal): Promise<void> {
  const quit = new AbortController();
  const errands = new Errands((error) => chatting.complain(error));
  screen.open({
    ended: () => quit.abort(),
    line: (text) => {
      const input = parseChatInput(text);
      if (input.kind === "quit") quit.abort();
      else errands.add(() => chatting.take(input), input.kind === "text");
    },
  });
  await unlessGone(gone, aborted(AbortSignal.any([quit.signal, env.interrupted])));
  await Promise.race([errands.finished(), aborted(AbortSignal.timeout(FAREWELL_MS))]);
}

/** A missing room is made with --create, or after asking. */
async function roomToEnter(env: Environment, http: HubbubHttp, nameOrId: string, mayCreate: boolean): Promise<Room> {
  const found = await findRoom(http, nameOrId);
  if (found !== undefined) return found;
  const mayMake = mayCreate || (await wantsRoom(env, nameOrId));
  return mayMake ? http.createRoom({ name: nameOrId, visibility: "public" }) : existingRoom(http, nameOrId);
}

async function wantsRoom(env: Environment, name: string): Promise<boolean> {
  if (!env.stdin.isTTY) return false;
  const readline = createInterface({ input: env.stdin, output: env.stderr });
  const answer = await readline.question(`There is no room ${harmlessLine(name)}. Make it? [y/N] `);
  readline.close();
  return /^y(es)?$/i.test(answer.trim());
}
