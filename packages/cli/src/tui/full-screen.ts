import type { Command } from "../args.ts";
import { CliError, isEndOfLogin } from "../cli-error.ts";
import { roomToEnter } from "../commands/room-to-enter.ts";
import { tellUnsent } from "../commands/tell-unsent.ts";
import { aborted, createConnected, unlessGone } from "../connected.ts";
import type { Environment } from "../environment.ts";
import { Tui } from "./tui.ts";
import { TypedLines } from "./typed-lines.ts";

/** What was typed last is given this long to be acked when somebody ends the chat. A second Ctrl-C ends it at once. */
const FAREWELL_MS = 3_000;

/** The chat in the full screen, until `.quit`, Ctrl-C or a signal. @throws CliError when something was not sent */
export async function fullScreen(env: Environment, wish: Extract<Command, { name: "chat" }>): Promise<void> {
  const { room, guest } = wish;
  let tui: Tui | undefined;
  let lines: TypedLines | undefined;
  const faults: string[] = [];
  await using connected = await createConnected(env, guest, {
    onState: (state) => tui?.desk.stateChanged(state),
    isPatient: true,
    keepsUnsent: true,
    onKept: () => lines?.save(),
    onOutboxError: (error) => {
      faults.push(`unsent messages are not kept over the end: ${error.message}`);
      if (tui?.isOpen === true) tui.desk.say(faults.splice(0));
    },
  });
  const { client, gone, unlessStopped } = connected;
  const found =
    room === undefined ? undefined : await unlessStopped(roomToEnter(env, client.http, room, wish.mayCreate));
  const { user } = await unlessStopped(client.http.me());
  lines = new TypedLines(guest === undefined ? env.configDir : undefined, `${env.server} ${user.id}`);
  tui = new Tui(env, client, lines, wish.hasMouse);
  tui.desk.me = user;
  try {
    // Before anything is read: what is new in the room is known.
    await unlessStopped(tui.desk.roster.load());
    if (found !== undefined) await unlessStopped(tui.desk.enter(found));
    await unlessStopped(client.connect());
    tui.open();
    if (faults.length > 0) tui.desk.say(faults.splice(0));
    await unlessGone(gone, aborted(AbortSignal.any([tui.quit, env.interrupted])));
    if (client.state.state === "ready") await tui.settled(FAREWELL_MS);
  } finally {
    tui.close();
    const { underway, refused } = tui.desk;
    const [kept, lost] = connected.isKeeping ? [underway, []] : [[], underway];
    const typed = tui.unsentLines(guest !== undefined);
    tellUnsent(env, { isLoggedOut: isEndOfLogin(gone.reason), kept, unsent: [...lost, ...refused], typed });
  }
  if (tui.desk.underway.length + tui.desk.refused.length > 0) throw new CliError("not everything was sent");
}
