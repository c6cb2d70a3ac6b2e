import { createInterface } from "node:readline";
import type { HubbubHttp } from "@hubbub/client";
import type { Room } from "@hubbub/protocol";
import { entersRoom } from "../acts/acts.ts";
import { Chat } from "../chat/chat.ts";
import { parseChatInput } from "../chat/chat-input.ts";
import { Errands } from "../chat/errands.ts";
import { COLORED, PLAIN } from "../chat/paint.ts";
import { askForPassword } from "../chat/register.ts";
import { Screen } from "../chat/screen.ts";
import { CliError } from "../cli-error.ts";
import { aborted, type Connected, createConnected, unlessGone } from "../connected.ts";
import { type Environment, tell } from "../environment.ts";
import { findRoom } from "../find-room.ts";
import { harmlessLine, harmlessLines } from "../harmless.ts";
import { persistently } from "../persistently.ts";
import { existingRoom } from "./existing-room.ts";

/** What was typed last is given this long to be acked when somebody ends the chat. A second Ctrl-C ends it at once. */
const FAREWELL_MS = 3_000;

/** Without a terminal it ends as other tools do: after its input, or when the server stays away. */
export async function chat(
  env: Environment,
  nameOrId: string,
  mayCreate: boolean,
  guest: string | undefined,
): Promise<void> {
  const screen = new Screen(env);
  let chatting: Chat | undefined;
  await using connected = await createConnected(env, guest, {
    onState: (state) => chatting?.stateChanged(state),
    isPatient: screen.isTerminal,
  });
  const { client, unlessStopped } = connected;
  const room = await unlessStopped(roomToEnter(env, client.http, nameOrId, mayCreate));
  await unlessStopped(client.connect());
  chatting = new Chat(client, screen, env.isColored ? COLORED : PLAIN, env.server);
  await unlessStopped(chatting.enter(room));
  await talk(env, screen, chatting, connected);
}

/** Until `.quit`, Ctrl-C or the end of the input. @throws the reason of `gone`; CliError when something was not sent */
async function talk(env: Environment, screen: Screen, chatting: Chat, { client, gone }: Connected): Promise<void> {
  const quit = new AbortController();
  const hurry = new AbortController();
  const errands = new Errands({
    take: (input) => chatting.take(input),
    failed: (error, input) => {
      chatting.complain(error);
      if (input.kind === "join" || (input.kind === "act" && entersRoom(input.name)))
        chatting.keptBack(errands.takeBackTexts());
    },
    drained: () => screen.resume(),
  });
  screen.open({
    ended: () => (quit.signal.aborted ? hurry : quit).abort(),
    line: (text, isPasted) => {
      const input = parseChatInput(text, isPasted);
      if (input.kind === "quit") quit.abort();
      else if (input.kind === "register") askForPassword(env, screen, input, (whole) => errands.add(whole));
      else errands.add(input);
      if (errands.isFull) screen.pause();
    },
  });
  try {
    await unlessGone(gone, aborted(AbortSignal.any([quit.signal, env.interrupted])));
    const isHopeless = screen.isTerminal && client.state.state !== "ready";
    const enough = screen.isTerminal ? [hurry.signal, AbortSignal.timeout(FAREWELL_MS)] : [env.interrupted];
    if (!isHopeless) await unlessGone(gone, Promise.race([errands.finished(), ...enough.map(aborted)]));
  } finally {
    const typed = screen.typed.trim() === "" ? [] : [screen.typed];
    screen.close();
    tellUnsent(env, [...chatting.unacked, ...errands.texts], typed);
  }
  if (chatting.unacked.length + errands.texts.length > 0) throw new CliError("not everything was sent");
}

/** Nothing that somebody wrote is lost without a word. */
function tellUnsent(env: Environment, unsent: readonly string[], typed: readonly string[]): void {
  const list = (texts: readonly string[]): void => {
    for (const line of texts.flatMap(harmlessLines)) tell(env, `    ${line}`);
  };
  if (unsent.length > 0) tell(env, "no ack came for:");
  list(unsent);
  if (typed.length > 0) tell(env, "typed and not sent:");
  list(typed);
}

/** A missing room is made with --create, or after asking. */
async function roomToEnter(env: Environment, http: HubbubHttp, nameOrId: string, mayCreate: boolean): Promise<Room> {
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
