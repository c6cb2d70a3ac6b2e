import { isGuestName, PASSWORD_MIN_LENGTH, type PublicUser } from "@hubbub/protocol";
import type { App } from "../app.ts";
import { clockOf, dayOf } from "../ui/words.ts";
import { make, makeWritten } from "./element.ts";
import { act, checkbox, closeSheet, field, listRow, openSheet, section, textInput } from "./sheet.ts";

/** What concerns the user: status, an account for a guest, logins, blocked users. */
export function openMe(app: App, me: PublicUser): void {
  const logins = make("ul", "sheet-list");
  const blocked = make("ul", "sheet-list");
  const isGuest = isGuestName(me.username);
  openSheet(me.username, [
    ...(isGuest ? [accountForm(app)] : []),
    statusForm(app, me),
    section("Where you are logged in", [logins]),
    section("Blocked users", [blocked]),
  ]);
  loadLogins(app, logins).catch(reportError);
  loadBlocked(app, blocked).catch(reportError);
}

/** Name and password for somebody who came as a guest; all that is there stays. */
function accountForm(app: App): HTMLFormElement {
  const name = textInput("", {
    id: "account-name",
    maxlength: "32",
    required: "",
    autocomplete: "username",
    autocapitalize: "none",
  });
  const password = textInput("", {
    id: "account-password",
    type: "password",
    maxlength: "128",
    minlength: `${PASSWORD_MIN_LENGTH}`,
    required: "",
    autocomplete: "new-password",
  });
  const hint = make("p", "muted", "Your rooms and messages stay, and you can come back from anywhere.");
  return section("Make this an account", [hint, field("Name", name), field("Password", password)], {
    label: "Create the account",
    act: async () => {
      if (!(await app.chat?.own.register(name.value.trim(), password.value))) return;
      closeSheet();
      app.chat?.notice("You have an account now. Log in with it anywhere.");
    },
  });
}

function statusForm(app: App, me: PublicUser): HTMLFormElement {
  const emoji = textInput("", { maxlength: "8", "aria-label": "Emoji", placeholder: "🍵" });
  const text = textInput("", {
    id: "status-text",
    maxlength: "100",
    placeholder: "What are you up to?",
    "aria-label": "Status",
  });
  const away = checkbox("Show me as away", false);
  const known = async (): Promise<void> => {
    const [mine] = (await app.chat?.do((http) => http.presence([me.id]))) ?? [];
    // What was typed meanwhile stays.
    if (isTouched) return;
    emoji.value = mine?.status?.emoji ?? "";
    text.value = mine?.status?.text ?? "";
    away.input.checked = mine?.away === true;
  };
  let isTouched = false;
  known().catch(reportError);
  const form = section("Status", [make("div", "field-row status-row", [emoji, text]), away.row], {
    label: "Save",
    act: async () => {
      const [icon, words] = [emoji.value.trim(), text.value.trim()];
      const status = { emoji: icon === "" ? undefined : icon, text: words === "" ? undefined : words };
      const wish = { away: away.input.checked, status: icon === "" && words === "" ? null : status };
      if ((await app.chat?.do((http) => http.setStatus(wish))) !== undefined) closeSheet();
    },
  });
  form.addEventListener("input", () => {
    isTouched = true;
  });
  return form;
}

async function loadLogins(app: App, list: HTMLElement): Promise<void> {
  const sessions = (await app.chat?.do((_, account) => account.sessions())) ?? [];
  const again = (): Promise<void> => loadLogins(app, list);
  const rows = sessions.map(({ id, current, usedAt, address = "", agent = "" }) => {
    const end = act("End", async () => {
      await app.chat?.do((_, account) => account.endSession(id));
      await again();
    });
    const when = current ? "this one" : `${dayOf(usedAt)} ${clockOf(usedAt)}`;
    return listRow(makeWritten("span", "agent", agentOf(agent)), `${when} ${address}`, ...(current ? [] : [end]));
  });
  list.replaceChildren(...rows);
}

async function loadBlocked(app: App, list: HTMLElement): Promise<void> {
  const users = (await app.chat?.do((_, account) => account.blocked())) ?? [];
  const rows = users.map(({ id, username }) =>
    listRow(
      makeWritten("span", "", username),
      "",
      act("Unblock", async () => {
        await app.chat?.do((_, account) => account.unblock(id));
        await loadBlocked(app, list);
      }),
    ),
  );
  list.replaceChildren(...(rows.length === 0 ? [make("li", "muted", "Nobody.")] : rows));
}

/** What a client says of itself, in short. */
function agentOf(agent: string): string {
  const [, browser] = /(Firefox|Edg|OPR|Chrome|Safari)/.exec(agent) ?? [];
  const [, system] = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(agent) ?? [];
  if (browser !== undefined && system !== undefined) return `${browser} on ${system}`;
  return agent === "" ? "A login" : agent;
}
