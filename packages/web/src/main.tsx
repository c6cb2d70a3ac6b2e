import { PORT_VERSION, sharedTransport } from "@hubbub/client";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { taskOfHash } from "./model/address-task.ts";
import { App } from "./model/app.ts";
import { browserNotifier } from "./model/browser-notifier.ts";
import { BrowserStore } from "./model/offline-store.ts";
import { PageStorage } from "./model/page-storage.ts";
import { followReleases } from "./model/releases.ts";
import { createStore } from "./model/state.ts";
import { roomOfAddress } from "./ui/address.ts";
import { Broken } from "./ui/broken.tsx";
import { ModelContext } from "./ui/model.ts";
import { Page } from "./ui/page.tsx";
import { ShownState } from "./ui/shown-state.ts";
import { Theme } from "./ui/theme.ts";
import { fitViewport } from "./ui/viewport.ts";
import { workerAddress } from "./ui/worker-address.ts";

/** Tabs of different releases share a worker only if they understand each other. */
const WORKER = `hubbub ${PORT_VERSION}`;

const isVisible = (): boolean => document.visibilityState === "visible";
const shown = new ShownState(isVisible);
const store = createStore((state) => shown.change(state));
// The server may stand under a path: everything is relative to the page.
const base = new URL(".", location.href);
const path = base.pathname.replace(/\/$/, "");
const storage = new PageStorage(() => localStorage, `hubbub${path}.`);
const theme = new Theme(storage);
const startWorker = (): SharedWorker => new SharedWorker(workerAddress("tabs.js"), { name: WORKER });
const openTransport = sharedTransport(startWorker);
const notifier = browserNotifier(new URL("icon.svg", base).href);
const offlineStore = new BrowserStore(() => indexedDB.open(`hubbub${path}.offline`, 1));
const connection = { openTransport, offlineStore };
const app = new App({ store, url: base.href, storage, notifier, isVisible, roomWanted: roomOfAddress, ...connection });

fitViewport();
addEventListener("storage", () => app.loginChanged());
addEventListener("online", () => app.wake());
addEventListener("beforeunload", (event) => app.wouldLoseWords && event.preventDefault());
document.addEventListener("visibilitychange", () => (isVisible() ? app.wake() : app.sleep()));
// A link of a mail that was pasted into this page.
addEventListener("hashchange", () => taskOfHash(location.hash) && location.reload());
const task = taskOfHash(location.hash);
// Its code is a secret: it stays in no history.
if (task !== undefined) history.replaceState(null, "", location.pathname + location.search);
const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <ModelContext value={{ app, shown, theme }}>
      <Broken>
        <Page />
      </Broken>
    </ModelContext>
  </StrictMode>,
);
app.start(task);
// Behind the page's own loading: what is kept for later must not delay it.
addEventListener("load", () => {
  const told = (): void => app.chat?.notice("A new version of this page is there. Reload the page to use it.");
  const workers = "serviceWorker" in navigator ? navigator.serviceWorker : undefined;
  followReleases(workers, workerAddress("sw.js"), told).then((look) => {
    document.addEventListener("visibilitychange", () => isVisible() && look());
  }, reportError);
});
