import { PASSWORD_MIN_LENGTH } from "@hubbub/protocol";
import type { App } from "../app.ts";
import type { Entrance, Entry, EntryStep } from "../entrance.ts";
import { hasPasskeys } from "../passkey.ts";
import type { EntryState } from "../state.ts";
import { byId } from "./element.ts";

const SUBMIT = { login: "Log in", signup: "Sign up", guest: "Enter as a guest" } as const;
const FORMS = { ways: "entry-form", factor: "factor-form", forgot: "forgot-form", reset: "reset-form" } as const;
const CODE_HINT = "Enter the code of your authenticator app, or one of your recovery codes.";
const RECOVERY_HINT = "Use your passkey, or enter one of your recovery codes.";

/** Log in, sign up, or come as a guest; the second factor; a new password. One form at a time. */
export class EntryView {
  readonly #form = byId("entry-form", HTMLFormElement);
  readonly #name = byId("entry-name", HTMLInputElement);
  readonly #password = byId("entry-password", HTMLInputElement);
  readonly #submit = byId("entry-submit", HTMLButtonElement);
  #step: EntryStep["kind"] | undefined;

  constructor(app: App) {
    const { entrance } = app;
    this.#form.addEventListener("change", () => this.#adapt());
    onSubmit("entry-form", () => {
      const entry = { way: this.#way(), username: this.#name.value.trim(), password: this.#password.value };
      return entrance.enter(entry);
    });
    onSubmit("factor-form", () => entrance.finish(valueIn("factor-code").trim()));
    onSubmit("forgot-form", () => entrance.mail(valueIn("forgot-email").trim()));
    onSubmit("reset-form", () => entrance.setPassword(valueIn("reset-password")));
    byId("reset-password", HTMLInputElement).minLength = PASSWORD_MIN_LENGTH;
    onClick("entry-forgot", () => entrance.forgot());
    for (const button of ["entry-passkey", "factor-passkey"]) onClick(button, passkeyOf(entrance));
    for (const button of ["factor-back", "forgot-back"]) onClick(button, () => entrance.open());
    onClick("reset-back", () => app.resume());
    this.#adapt();
  }

  render(state: EntryState): void {
    const { step, isBusy, offers } = state;
    for (const [kind, id] of Object.entries(FORMS)) byId(id, HTMLElement).hidden = kind !== step.kind;
    const form = byId(FORMS[step.kind], HTMLFormElement);
    textIn(form, ".error", state.error);
    textIn(form, "[role=status]", state.note);
    for (const button of form.querySelectorAll("button")) button.disabled = isBusy;
    byId("entry-passkey", HTMLElement).hidden = offers.passkey !== true;
    const provider = byId("entry-provider", HTMLAnchorElement);
    provider.hidden = offers.provider === undefined;
    provider.textContent = `Log in with ${offers.provider?.name ?? ""}`;
    if (step.kind === "factor") showMethods(step.methods);
    if (this.#step !== step.kind) this.#begin(step.kind);
  }

  /** Nobody finds the name and password of the last user here. */
  clear(): void {
    this.#step = undefined;
    this.#name.value = "";
    for (const id of ["entry-password", "factor-code", "forgot-email", "reset-password"])
      byId(id, HTMLInputElement).value = "";
  }

  #begin(step: EntryStep["kind"]): void {
    const isFirst = this.#step === undefined;
    this.#step = step;
    if (step !== "ways") this.#password.value = "";
    if (step !== "factor") byId("factor-code", HTMLInputElement).value = "";
    if (step !== "reset") byId("reset-password", HTMLInputElement).value = "";
    if (!isFirst || step !== "ways")
      byId(FORMS[step], HTMLFormElement).querySelector<HTMLInputElement>(".field input")?.focus();
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
    byId("entry-more", HTMLElement).hidden = way !== "login";
    this.#name.required = way !== "guest";
    this.#password.required = way !== "guest";
    this.#password.minLength = way === "signup" ? PASSWORD_MIN_LENGTH : 0;
    this.#password.autocomplete = way === "signup" ? "new-password" : "current-password";
  }
}

function showMethods(methods: readonly string[]): void {
  byId("factor-hint", HTMLElement).textContent = methods.includes("totp") ? CODE_HINT : RECOVERY_HINT;
  byId("factor-passkey", HTMLElement).hidden = !methods.includes("passkey") || !hasPasskeys();
}

function passkeyOf(entrance: Entrance): () => void {
  return () => {
    entrance.usePasskey().catch(reportError);
  };
}

function onSubmit(form: string, act: () => Promise<void>): void {
  byId(form, HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    act().catch(reportError);
  });
}

function onClick(button: string, act: () => void): void {
  byId(button, HTMLButtonElement).addEventListener("click", act);
}

function valueIn(input: string): string {
  return byId(input, HTMLInputElement).value;
}

function textIn(form: HTMLElement, selector: string, text: string): void {
  const found = form.querySelector(selector);
  if (found !== null) found.textContent = text;
}
