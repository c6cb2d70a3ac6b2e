import type { Member, Room } from "@hubbub/protocol";
import type { App } from "../app.ts";
import { type PeopleState, presenceOf, statusOf } from "../people.ts";
import { hueOf } from "../ui/words.ts";
import { bansPart } from "./bans-part.ts";
import { byId, make, makeButton, makeWritten } from "./element.ts";
import { openPersonMenu } from "./person-menu.ts";
import { mayInRoom } from "./room-sheets.ts";
import { closeSheet, openSheet } from "./sheet.ts";

const PRESENCE = { here: "here", away: "away", gone: "not here" } as const;

/** Who is in the open room, with roles, presence and what may be done with each. */
export class MembersView {
  readonly #app: App;
  readonly #list = make("ul", "sheet-list");
  #room: Room | undefined;
  #me = "";
  #shown: PeopleState | undefined;
  #isOpen = false;

  constructor(app: App) {
    this.#app = app;
    byId("members", HTMLButtonElement).addEventListener("click", () => this.open());
  }

  open(): void {
    const room = this.#room;
    if (room === undefined) return;
    this.#isOpen = true;
    this.#shown = undefined;
    this.#list.replaceChildren(make("li", "muted", "Loading…"));
    const bans = room.visibility !== "direct" && mayInRoom(room, "ban") ? [bansPart(this.#app, room)] : [];
    openSheet(`Members of ${room.name}`, [this.#list, ...bans], () => {
      this.#isOpen = false;
      if (room.visibility !== "direct") this.#app.chat?.people.leave(room.id);
    });
    this.#app.chat?.people.look(room.id);
  }

  render(room: Room | undefined, me: string, people: PeopleState): void {
    if (this.#isOpen && room?.id !== this.#room?.id) closeSheet();
    const isOther = room !== this.#room;
    this.#room = room;
    this.#me = me;
    if (!this.#isOpen || room === undefined || people.room !== room.id || people.members.length === 0) return;
    if (people === this.#shown && !isOther) return;
    this.#shown = people;
    const rows = people.members.map((member) => this.#row(member, room, people));
    this.#list.replaceChildren(
      ...rows,
      ...(people.hasMore ? [make("li", "muted", "More members are not shown.")] : []),
    );
  }

  #row({ user, role }: Member, room: Room, { persons }: PeopleState): HTMLLIElement {
    const person = persons.get(user.id);
    const presence = presenceOf(person);
    const dot = make("span", `presence ${presence}`, [make("span", "visually-hidden", PRESENCE[presence])]);
    dot.title = PRESENCE[presence];
    const name = makeWritten("span", `member-name ${hueOf(user.username)}`, user.username);
    const isSelf = user.id === this.#me;
    const words = [isSelf ? "you" : "", role === "member" ? "" : role].filter((word) => word !== "").join(", ");
    const status = makeWritten("span", "member-status muted", statusOf(person));
    const row = make("li", "member", [dot, name, make("span", "badge", words), status]);
    if (isSelf) return row;
    const place = { app: this.#app, room, changed: () => this.#app.chat?.people.refresh() };
    const button = makeButton("quiet small", "⋯", () => openPersonMenu(user, role, button, place));
    button.ariaLabel = `What to do with ${user.username}`;
    row.append(button);
    return row;
  }
}
