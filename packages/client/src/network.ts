export interface NetworkEvents {
  online(): void;
  offline(): void;
}

/** Follows what a browser knows of the network; elsewhere nothing is told. Answers how to stop. */
export function watchNetwork({ online, offline }: NetworkEvents): () => void {
  if (typeof globalThis.addEventListener !== "function") return () => undefined;
  const stop = new AbortController();
  globalThis.addEventListener("online", online, { signal: stop.signal });
  globalThis.addEventListener("offline", offline, { signal: stop.signal });
  return () => stop.abort();
}
