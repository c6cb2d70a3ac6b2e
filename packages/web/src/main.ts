import { PORT_VERSION, sharedTransport } from "@hubbub/client";
import { taskOfHash } from "./address-task.ts";
import { App } from "./app.ts";
import { BrowserStore } from "./offline-store.ts";
import { PageStorage } from "./page-storage.ts";
import { followReleases } from "./releases.ts";
import { createStore } from "./state.ts";
import { roomOfAddress, View } from "./view/view.ts";
import { fitViewport } from "./view/viewport.ts";

/** A page that nobody looks at gets no animation frames; it is shown now and then all the same. */
const HIDDEN_RENDER_MS = 500;

/** Tabs of different releases share a worker only if they understand each other. */
const WORKER = `hubbub ${PORT_VERSION}`;

const isVisible = (): boolean => document.visibilityState === "visible";
let isScheduled = false;
const store = createStore(() => {
  if (isScheduled) return;
  isScheduled = true;
  if (isVisible()) requestAnimationFrame(render);
  else setTimeout(render, HIDDEN_RENDER_MS);
});
// The server may stand under a path: everything is relative to the page.
const base = new URL(".", location.href);
const path = base.pathname.replace(/\/$/, "");
const storage = new PageStorage(() => localStorage, `hubbub${path}.`);
const startWorker = (): SharedWorker => new SharedWorker(new URL("tabs.js", base), { name: WORKER });
const openTransport = sharedTransport(startWorker);
const offlineStore = new BrowserStore(() => indexedDB.open(`hubbub${path}.offline`, 1));
const app = new App({
  store,
  url: base.href,
  storage,
  isVisible,
  roomWanted: roomOfAddress,
  openTransport,
  offlineStore,
});
const view = new View(app);

function render(): void {
  isScheduled = false;
  view.render(store.state);
}

fitViewport();
addEventListener("storage", () => app.loginChanged());
addEventListener("offline", render);
addEventListener("online", () => {
  render();
  app.wake();
});
addEventListener("beforeunload", (event) => app.wouldLoseWords && event.preventDefault());
document.addEventListener("visibilitychange", () => (isVisible() ? app.wake() : app.sleep()));
// A link of a mail that was pasted into this page.
addEventListener("hashchange", () => taskOfHash(location.hash) && location.reload());
const task = taskOfHash(location.hash);
// Its code is a secret: it stays in no history.
if (task !== undefined) history.replaceState(null, "", location.pathname + location.search);
app.start(task);
// Behind the page's own loading: what is kept for later must not delay it.
addEventListener("load", () => {
  const told = (): void => app.chat?.notice("A new version of this page is there. Reload the page to use it.");
  const workers = "serviceWorker" in navigator ? navigator.serviceWorker : undefined;
  followReleases(workers, new URL("sw.js", base), told).then((look) => {
    document.addEventListener("visibilitychange", () => isVisible() && look());
  }, reportError);
});
