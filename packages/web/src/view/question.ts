import { byId } from "./element.ts";

/** Asks before something that cannot be taken back. Answers whether it was confirmed. */
export function ask(text: string, action: string): Promise<boolean> {
  const dialog = byId("question", HTMLDialogElement);
  byId("question-text", HTMLElement).textContent = text;
  byId("question-yes", HTMLButtonElement).textContent = action;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
