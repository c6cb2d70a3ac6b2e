import type { Key } from "node:readline";
import type { FileInfo } from "@hubbub/client";
import { LINE_BREAK, type LineEditor } from "../../chat/line-editor.ts";
import type { Composing } from "./composing.ts";
import type { Desk } from "./desk.ts";
import { toFirstUnread } from "./first-unread.ts";
import { ListKeys } from "./list-keys.ts";
import { listed, unreadRooms } from "./rooms.ts";
import { SelectionKeys } from "./selection-keys.ts";

const WHEEL_ROWS = 3;

interface KeyboardHost {
  readonly desk: Desk;
  readonly composing: Composing;
  /** Names that Tab completes. */
  names(): Parameters<Composing["complete"]>[0];
  run(work: () => Promise<void>): void;
  picture(room: string, file: FileInfo): boolean;
}

/** What the keys do. */
export class Keyboard {
  readonly #host: KeyboardHost;
  readonly #selection: SelectionKeys;
  readonly #list: ListKeys;

  constructor(host: KeyboardHost) {
    this.#host = host;
    this.#selection = new SelectionKeys(host);
    this.#list = new ListKeys(host);
  }

  /** The line of the finder, while it is open. */
  get query(): LineEditor | undefined {
    return this.#list.query;
  }

  key(text: string | undefined, key: Key): void {
    const { desk, composing } = this.#host;
    const { editor } = composing;
    desk.hint = "";
    if (key.name !== "tab") composing.completed();
    if (composing.secret !== undefined || editor.isPasting || key.name === "paste-start") this.#type(text, key);
    else if (this.#list.key(text, key) || this.#move(key) || this.#selection.key(text, key) || this.#edit(key))
      desk.changed();
    else this.#type(text, key);
  }

  wheel(isUp: boolean): void {
    this.#scroll((pane) => pane.scroll(isUp ? WHEEL_ROWS : -WHEEL_ROWS), isUp);
    this.#host.desk.changed();
  }

  /** Between rooms, and in what was said. Answers whether the key did that. */
  #move({ name = "", ctrl = false, meta = false }: Key): boolean {
    const { desk } = this.#host;
    if ((meta && name === "down") || (ctrl && name === "n")) desk.step(1);
    else if ((meta && name === "up") || (ctrl && name === "p")) desk.step(-1);
    else if (meta && /^[1-9]$/.test(name)) this.#look(Number(name) - 1);
    else if (meta && name === "a") this.#lookAtUnread();
    else if (meta && name === "u") this.#host.run(() => toFirstUnread(desk));
    else if (ctrl && name === "k") this.#list.open();
    else if (name === "pageup") this.#scroll((pane) => pane.page(1), true);
    else if (name === "pagedown") this.#scroll((pane) => pane.page(-1), false);
    else if (name === "end" && this.#isLineDone()) this.#toEnd();
    else if (meta && name === "t") this.#selection.toggleThread();
    else return false;
    return true;
  }

  /** Of the line, besides what readline does. */
  #edit({ name = "", ctrl = false, meta = false, shift = false }: Key): boolean {
    const { desk, composing } = this.#host;
    const { editor, purpose } = composing;
    if (meta && (name === "return" || name === "enter")) editor.insert(LINE_BREAK);
    else if (name === "tab") desk.hint = composing.complete(this.#host.names(), shift ? -1 : 1);
    else if (name === "escape") this.#escape();
    else if (meta && name === "p") editor.key(undefined, { name: "up" });
    else if (meta && name === "n") editor.key(undefined, { name: "down" });
    else if (name === "up" && !ctrl && editor.text === "" && purpose.kind === "say") {
      if (!this.#selection.editLast()) return false;
    } else return false;
    composing.keep();
    return true;
  }

  #type(text: string | undefined, key: Key): void {
    const { desk, composing } = this.#host;
    const { editor } = composing;
    const before = editor.text;
    editor.key(text, key);
    if (editor.isPasting) return;
    composing.keep();
    const isMessage = editor.text !== "" && !/^[./]/.test(editor.text) && composing.purpose.kind !== "react";
    if (editor.text !== before && isMessage && desk.talk?.typists.mayTell() === true) desk.talk.live.typing();
    desk.changed();
  }

  #escape(): void {
    const { desk, composing } = this.#host;
    if (composing.purpose.kind !== "say") composing.cancel();
    else if (desk.activePane.selected !== undefined) desk.activePane.toEnd();
    else if (desk.thread !== undefined) desk.openThread(undefined);
    else if (!desk.pane.isAtEnd || desk.talk?.past !== undefined) this.#toEnd();
    else desk.talk?.said.forget();
  }

  #isLineDone(): boolean {
    const { editor } = this.#host.composing;
    return editor.cursor >= editor.text.length;
  }

  #toEnd(): void {
    const { desk } = this.#host;
    desk.activePane.toEnd();
    if (desk.talk?.past !== undefined) desk.talk.leavePast();
  }

  #scroll(move: (pane: Desk["pane"]) => void, isUp: boolean): void {
    const { desk } = this.#host;
    move(desk.activePane);
    if (isUp || desk.thread !== undefined || !desk.pane.isAtEnd || desk.talk?.past === undefined) return;
    desk.pane.pin();
    desk.talk.loadNewer();
  }

  #look(at: number): void {
    const { desk } = this.#host;
    const room = listed(desk.rooms)[at];
    if (room !== undefined) desk.look(room.id);
  }

  #lookAtUnread(): void {
    const { desk } = this.#host;
    const next = unreadRooms(desk.rooms).find(({ id }) => id !== desk.talk?.room.id);
    if (next === undefined) desk.hint = "everything is read";
    else desk.look(next.id);
  }
}
