/** What a page says to the worker of a new release. */
export const TAKE_OVER = "take over";
/** A page that stays open asks at most this often whether there is a new release. */
const LOOK_MS = 3_600_000;

/**
 * Has the browser keep the page, where it can. A new release is loaded beside the one that is open and takes over once it is
 * whole: the next load is of the new release, and `told` is called so that somebody may load it. Answers how to look for one.
 */
export async function followReleases(
  workers: ServiceWorkerContainer | undefined,
  script: URL,
  told: () => void,
): Promise<() => void> {
  // Some browsers and settings have no service workers, or refuse them: the page then needs a network, and works.
  const registration = await workers?.register(script, { updateViaCache: "none" }).catch(() => undefined);
  if (workers === undefined || registration === undefined) return () => undefined;
  const arrived = (worker: ServiceWorker): void => {
    // The first one of all is no news.
    if (workers.controller !== null) told();
    worker.postMessage(TAKE_OVER);
  };
  const follow = (worker: ServiceWorker): void => {
    worker.addEventListener("statechange", () => worker.state === "installed" && arrived(worker));
  };
  registration.addEventListener("updatefound", () => registration.installing && follow(registration.installing));
  if (registration.installing) follow(registration.installing);
  if (registration.waiting) arrived(registration.waiting);
  let lookedAt = Date.now();
  return () => {
    if (Date.now() - lookedAt < LOOK_MS) return;
    lookedAt = Date.now();
    registration.update().catch(() => undefined);
  };
}
