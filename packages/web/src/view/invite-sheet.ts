import type { Invite } from "@hubbub/client";
import type { Room } from "@hubbub/protocol";
import type { App } from "../app.ts";
import { make } from "./element.ts";
import { act, field, listRow, openSheet, section, select, textInput } from "./sheet.ts";

const ENDS = { 3600: "An hour", 86400: "A day", 604800: "7 days", 2592000: "30 days" };
const USES = { 1: "One person", 10: "10 people", 100: "100 people" };
const ROLES = { member: "Member", guest: "Guest" };

/** Ways into a room: somebody by name, or a link for anybody who has it. */
export function openInvites(app: App, room: Room): void {
  const name = textInput("", { maxlength: "32", required: "", autocapitalize: "none", placeholder: "Name" });
  const invite = async (): Promise<void> => {
    const username = name.value.trim();
    const isDone = await app.chat?.do(async (http) => http.invites.inviteUser(room.id, username).then(() => true));
    if (!isDone) return;
    app.chat?.notice(`${username} is invited.`);
    name.value = "";
  };
  const [end, uses, role] = [select(ENDS, "604800"), select(USES, "10"), select(ROLES, "member")];
  const made = make("div", "made-link");
  const list = make("ul", "sheet-list");
  const create = async (): Promise<void> => {
    const link = await app.chat?.do((http) =>
      http.invites.createLink(room.id, {
        seconds: Number(end.value),
        uses: Number(uses.value),
        ...(role.value === "guest" ? { role: "guest" } : {}),
      }),
    );
    if (link === undefined) return;
    made.replaceChildren(...linkRow(app, `${location.origin}${location.pathname}#invite=${link.code}`));
    await load();
  };
  const load = async (): Promise<void> => {
    const links = await app.chat?.do((http) => http.invites.links(room.id));
    list.replaceChildren(...(links ?? []).map((link) => row(link)));
  };
  const row = ({ id, role: as, usesLeft, expiresAt }: Invite): HTMLLIElement =>
    listRow(
      make("span", "", `${as === "guest" ? "Guests" : "Members"}, ${usesLeft} uses left`),
      `until ${new Date(expiresAt).toLocaleDateString()}`,
      act("Revoke", async () => {
        await app.chat?.do((http) => http.invites.revokeLink(room.id, id));
        await load();
      }),
    );
  openSheet(`Invite to ${room.name}`, [
    section("Somebody by name", [name], { label: "Invite", act: invite }),
    section(
      "A link",
      [make("div", "field-row", [field("Ends after", end), field("For", uses), field("As", role)]), made],
      {
        label: "Make a link",
        act: create,
      },
    ),
    section("Links that can be used", [list]),
  ]);
  load().catch(reportError);
}

/** The code is shown once. */
function linkRow(app: App, url: string): HTMLElement[] {
  const shown = textInput(url, { readonly: "", "aria-label": "Link" });
  shown.id = "made-link";
  const copy = act("Copy", async () => {
    shown.select();
    await navigator.clipboard?.writeText(url);
    app.chat?.notice("The link is copied. It is shown only now.");
  });
  shown.addEventListener("focus", () => shown.select());
  return [shown, copy];
}
