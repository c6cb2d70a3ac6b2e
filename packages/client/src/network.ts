export interface NetworkEvents {
  online(): void;
  offline(): void;
  /** The page was asleep, in the background or put away, and is seen again: timers stood still, the connection may be dead. */
  awake(): void;
}

/** Follows what a browser knows of the network and the page; elsewhere nothing is told. Answers how to stop. */
export function watchNetwork({ online, offline, awake }: NetworkEvents): () => void {
  if (typeof globalThis.addEventListener !== "function") return () => undefined;
  const stop = new AbortController();
  const { signal } = stop;
  globalThis.addEventListener("online", online, { signal });
  globalThis.addEventListener("offline", offline, { signal });
  // A page that was put away whole, and is back with the Back button.
  globalThis.addEventListener("pageshow", ({ persisted }) => persisted && awake(), { signal });
  // A worker has no document.
  const page = globalThis.document as Document | undefined;
  page?.addEventListener("visibilitychange", () => page.visibilityState === "visible" && awake(), { signal });
  return () => stop.abort();
}
