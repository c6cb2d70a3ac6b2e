import { PASSWORD_MIN_LENGTH, type RoomId } from "@hubbub/protocol";
import type { App, Entry } from "../app.ts";
import type { AppState } from "../state.ts";
import { byId } from "./element.ts";

const SUBMIT = { login: "Log in", signup: "Sign up", guest: "Enter as a guest" } as const;

/** Log in, sign up, or come as a guest. */
export class EntryView {
  readonly #form = byId("entry-form", HTMLFormElement);
  readonly #name = byId("entry-name", HTMLInputElement);
  readonly #password = byId("entry-password", HTMLInputElement);
  readonly #submit = byId("entry-submit", HTMLButtonElement);

  constructor(app: App, roomWanted: () => RoomId | undefined) {
    this.#form.addEventListener("change", () => this.#adapt());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const entry = { way: this.#way(), username: this.#name.value.trim(), password: this.#password.value };
      app.enter(entry, roomWanted()).catch(reportError);
    });
    this.#adapt();
  }

  render(state: Extract<AppState, { screen: "entry" }>): void {
    byId("entry-error", HTMLElement).textContent = state.error;
    byId("entry-note", HTMLElement).textContent = state.note;
    this.#submit.disabled = state.isBusy;
  }

  /** Nobody finds the name and password of the last user here. */
  clear(): void {
    this.#name.value = "";
    this.#password.value = "";
  }

  #way(): Entry["way"] {
    const way = new FormData(this.#form).get("way");
    return way === "signup" || way === "guest" ? way : "login";
  }

  #adapt(): void {
    const way = this.#way();
    this.#submit.textContent = SUBMIT[way];
    byId("entry-name-label", HTMLElement).textContent = way === "guest" ? "Name, if you like" : "Name";
    byId("entry-password-field", HTMLElement).hidden = way === "guest";
    this.#name.required = way !== "guest";
    this.#password.required = way !== "guest";
    this.#password.minLength = way === "signup" ? PASSWORD_MIN_LENGTH : 0;
    this.#password.autocomplete = way === "signup" ? "new-password" : "current-password";
  }
}
