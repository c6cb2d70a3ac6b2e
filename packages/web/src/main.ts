import { App } from "./app.ts";
import { createStore } from "./state.ts";
import { roomOfAddress, View } from "./view/view.ts";

/** A page that nobody looks at gets no animation frames; it is shown now and then all the same. */
const HIDDEN_RENDER_MS = 500;

let isScheduled = false;
const store = createStore(() => {
  if (isScheduled) return;
  isScheduled = true;
  if (document.visibilityState === "visible") requestAnimationFrame(render);
  else setTimeout(render, HIDDEN_RENDER_MS);
});
const app = new App(store, location.origin);
const view = new View(app);

function render(): void {
  isScheduled = false;
  view.render(store.state);
}

addEventListener("online", () => app.wake());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && app.wake());
await app.start(roomOfAddress());
