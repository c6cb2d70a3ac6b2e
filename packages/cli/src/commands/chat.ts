import { entersRoom } from "../acts/acts.ts";
import type { Command } from "../args.ts";
import { Chat } from "../chat/chat.ts";
import { parseChatInput } from "../chat/chat-input.ts";
import { Errands } from "../chat/errands.ts";
import { paintOf } from "../chat/paint.ts";
import { askForPassword } from "../chat/register.ts";
import { Screen } from "../chat/screen.ts";
import { CliError, EXIT, isEndOfLogin } from "../cli-error.ts";
import { aborted, type Connected, createConnected, unlessGone } from "../connected.ts";
import type { Environment } from "../environment.ts";
import { roomToEnter } from "./room-to-enter.ts";
import { tellUnsent } from "./tell-unsent.ts";

/** What was typed last is given this long to be acked when somebody ends the chat. A second Ctrl-C ends it at once. */
const FAREWELL_MS = 3_000;

type ChatWish = Extract<Command, { name: "chat" }>;

/** React and Ink are loaded here, because no other command needs them. */
async function chatOnScreen(env: Environment, wish: ChatWish): Promise<void> {
  process.env["NODE_ENV"] ||= "production";
  const { fullScreen } = await import("../tui/full-screen.ts");
  return fullScreen(env, wish);
}

/** Without a terminal it ends as other tools do: after its input, or when the server stays away. */
export async function chat(env: Environment, wish: ChatWish): Promise<void> {
  const screen = new Screen(env);
  if (screen.isTerminal && !wish.isLine) return chatOnScreen(env, wish);
  const { room: nameOrId, mayCreate, guest } = wish;
  if (nameOrId === undefined)
    throw new CliError("without a terminal, say which room: hubbub chat ROOM. See: hubbub --help", EXIT.usage);
  let chatting: Chat | undefined;
  const faults: string[] = [];
  await using connected = await createConnected(env, guest, {
    onState: (state) => chatting?.stateChanged(state),
    isPatient: screen.isTerminal,
    keepsUnsent: screen.isTerminal,
    onOutboxError: (error) => {
      faults.push(`unsent messages are not kept over the end: ${error.message}`);
      if (chatting !== undefined) chatting.say(faults.splice(0));
    },
  });
  const { client, unlessStopped } = connected;
  const room = await unlessStopped(roomToEnter(env, client.http, nameOrId, mayCreate));
  // Hears from the first connection on what becomes of messages of an earlier start.
  const chatted = new Chat(client, screen, paintOf(env.colors), env.server);
  await unlessStopped(client.connect());
  chatting = chatted;
  await unlessStopped(chatted.enter(room));
  chatted.say(faults.splice(0));
  await talk(env, screen, chatted, connected);
}

/** Until `.quit`, Ctrl-C or the end of the input. @throws the reason of `gone`; CliError when something was not sent */
async function talk(env: Environment, screen: Screen, chatting: Chat, connected: Connected): Promise<void> {
  const { client, gone } = connected;
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
    const { unacked, refused } = chatting.unsent;
    const [kept, lost] = connected.isKeeping ? [unacked, []] : [[], unacked];
    tellUnsent(env, {
      isLoggedOut: isEndOfLogin(gone.reason),
      kept,
      unsent: [...lost, ...errands.texts, ...refused],
      typed,
    });
  }
  const { unacked, refused } = chatting.unsent;
  if (unacked.length + errands.texts.length + refused.length > 0) throw new CliError("not everything was sent");
}
