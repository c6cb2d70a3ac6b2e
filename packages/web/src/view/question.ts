import { byId } from "./element.ts";

/** Asks before something that cannot be taken back, or is `primary`. Answers whether it was confirmed. */
export function ask(text: string, action: string, kind: "danger" | "primary" = "danger"): Promise<boolean> {
  const dialog = byId("question", HTMLDialogElement);
  byId("question-text", HTMLElement).textContent = text;
  const yes = byId("question-yes", HTMLButtonElement);
  yes.textContent = action;
  yes.className = kind;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
