import type { Invitation } from "@hubbub/client";
import type { MessageList, ThreadPage } from "@hubbub/protocol";
import type { App } from "../app.ts";
import { clockOf, dayOf } from "../ui/words.ts";
import { make, makeButton, makeWritten } from "./element.ts";
import { act, closeSheet, listRow, openSheet, section, textInput } from "./sheet.ts";

/** Threads that are listed; each costs a look at its first message. */
const THREADS_MAX = 20;

/** Begins a conversation with up to seven people. */
export function openNewDirect(app: App): void {
  const names = textInput("", {
    id: "direct-names",
    required: "",
    autocapitalize: "none",
    placeholder: "Name, or several",
  });
  openSheet("New message", [
    section("", [names], {
      label: "Open",
      act: async () => {
        const wanted = names.value.split(/[\s,]+/).filter((name) => name !== "");
        if (await app.chat?.message(wanted)) closeSheet();
      },
    }),
  ]);
}

/** Rooms that others invite the user to. */
export function openInvitations(app: App, invitations: readonly Invitation[]): void {
  const rows = invitations.map(({ room, name, by }) => {
    const answer = async (isWanted: boolean): Promise<void> => {
      await app.chat?.do(async (http) => {
        if (isWanted) app.chat?.enter(await http.invites.accept(room));
        else await http.invites.decline(room);
      });
      app.chat?.invitations.load();
      closeSheet();
    };
    const accept = act("Accept", () => answer(true), "small primary");
    return listRow(
      makeWritten("span", "", name),
      `by ${by.username}`,
      accept,
      act("Decline", () => answer(false)),
    );
  });
  openSheet("Invitations", [make("ul", "sheet-list", rows)]);
}

/** The threads that the user follows, in all rooms. */
export function openThreads(app: App): void {
  const list = make("ul", "sheet-list", [make("li", "muted", "Loading…")]);
  openSheet("Threads you follow", [list]);
  loadThreads(app, list).catch(reportError);
}

async function loadThreads(app: App, list: HTMLElement): Promise<void> {
  const { threads } = (await app.chat?.do((http) => http.request<ThreadPage>("GET", "/me/threads"))) ?? { threads: [] };
  const rows = threads.slice(0, THREADS_MAX).map(async ({ room, seq, count, at }) => {
    const found = await app.chat?.do(async (http) => ({
      name: (await http.room(room)).name,
      first: await http.request<MessageList>("GET", `/rooms/${room}/messages/${seq}`),
    }));
    const [event] = found?.first.messages ?? [];
    const text = found?.first.states?.[0]?.text ?? (event?.kind === "message" ? event.text : "");
    const button = makeButton("thread-row quiet", "", () => {
      closeSheet();
      app.chat?.showThread(room, seq);
    });
    const replies = `${count} ${count === 1 ? "reply" : "replies"} · ${dayOf(at)} ${clockOf(at)}`;
    button.append(
      makeWritten("span", "muted", `${found?.name ?? ""} · ${replies}`),
      makeWritten("span", "thread-text", `${event?.by.username ?? ""}: ${text}`),
    );
    return make("li", "", [button]);
  });
  const none = make("li", "muted", "None yet. You follow threads that you answer in, or that mention you.");
  list.replaceChildren(...(rows.length === 0 ? [none] : await Promise.all(rows)));
}
