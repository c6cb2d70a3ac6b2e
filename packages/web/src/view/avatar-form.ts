import type { App } from "../app.ts";
import { byId } from "./element.ts";

/** The part of the account's dialog that shows and changes the user's picture. */
export class AvatarForm {
  readonly #app: App;
  readonly #shown = byId("avatar-shown", HTMLImageElement);
  readonly #file = byId("avatar-file", HTMLInputElement);
  readonly #remove = byId("avatar-remove", HTMLButtonElement);
  #user = "";

  constructor(app: App) {
    this.#app = app;
    this.#file.addEventListener("change", () => {
      const [picture] = this.#file.files ?? [];
      if (picture !== undefined) this.#set(picture).catch(reportError);
    });
    this.#remove.addEventListener("click", () => {
      this.#set(null).catch(reportError);
    });
  }

  /** The dialog was opened by this user. */
  async show(user: string): Promise<void> {
    this.#user = user;
    const url = await this.#app.chat?.own.avatars.of(user);
    if (this.#user !== user) return;
    this.#shown.hidden = url === undefined;
    this.#remove.hidden = url === undefined;
    if (url === undefined) this.#shown.removeAttribute("src");
    else this.#shown.src = url;
  }

  clear(): void {
    this.#user = "";
    this.#file.value = "";
    this.#shown.hidden = true;
    this.#shown.removeAttribute("src");
  }

  async #set(picture: File | null): Promise<void> {
    const isDone = await this.#app.chat?.own.setAvatar(picture);
    this.#file.value = "";
    if (isDone === true) await this.show(this.#user);
  }
}
