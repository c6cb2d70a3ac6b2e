/** What a tab and the worker say to each other. A string is a frame. Raise the version when a message changes its meaning. */
export const PORT_VERSION = 1;

/** `lock`: the tab holds this Web Lock for as long as it lives. */
export type ToWorker =
  | { readonly kind: "open"; readonly url: string; readonly subprotocol: string; readonly lock: string }
  | { readonly kind: "close"; readonly code: number }
  | { readonly kind: "abort" }
  /** The tab has taken so many UTF-16 units of frames since it last said so. */
  | { readonly kind: "taken"; readonly units: number }
  | string;

/** `refused`: the worker has as many ports as it may have, and the tab makes a connection of its own. */
export type ToTab =
  | { readonly kind: "opened" }
  | { readonly kind: "refused" }
  | { readonly kind: "closed"; readonly code: number }
  | string;

/** The part of a MessagePort that is used. */
export interface Port {
  onmessage: ((message: { readonly data: unknown }) => void) | null;
  postMessage(message: ToWorker | ToTab): void;
  close(): void;
}

/** Connections of tabs in one worker. */
export const PORTS_MAX = 64;
/** UTF-16 units of frames that a tab has not taken yet. A tab that is so far behind is closed as slow, and resumes. */
export const UNTAKEN_MAX = 4 * 1024 * 1024;
/** A tab says what it has taken in steps of this. */
export const TAKEN_STEP = 64 * 1024;
