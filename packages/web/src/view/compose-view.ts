import { TEXT_MAX_BYTES } from "@hubbub/protocol";
import type { App } from "../app.ts";
import { byId } from "./element.ts";

const utf8 = new TextEncoder();

/** Enter sends, Shift+Enter makes a line; what an input method composes is left alone. */
export function bindCompose(app: App): void {
  const form = byId("compose", HTMLFormElement);
  const text = byId("compose-text", HTMLTextAreaElement);
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  text.addEventListener("input", () => text.setCustomValidity(""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value.trim() === "") return;
    if (utf8.encode(text.value).length > TEXT_MAX_BYTES) {
      text.setCustomValidity(`A message has at most ${TEXT_MAX_BYTES} bytes.`);
      text.reportValidity();
      return;
    }
    app.send(text.value).catch(reportError);
    text.value = "";
    text.focus();
  });
}
