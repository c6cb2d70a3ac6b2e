import type { AppState, ChatState } from "../model/state.ts";

/** A page that nobody looks at gets no animation frames; it is shown now and then all the same. */
const HIDDEN_MS = 500;

/** The state that is on the screen: what changes within one frame is shown together. */
export class ShownState {
  readonly #isVisible: () => boolean;
  readonly #listeners = new Set<() => void>();
  #next: AppState = { screen: "starting" };
  #state: AppState = this.#next;
  #chat: ChatState | undefined;
  #isScheduled = false;

  constructor(isVisible: () => boolean) {
    this.#isVisible = isVisible;
  }

  get state(): AppState {
    return this.#state;
  }

  /** The chat, or the one that just ended, for components that are about to leave. */
  get chat(): ChatState {
    if (this.#chat === undefined) throw new Error("nobody has logged in");
    return this.#chat;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  change(state: AppState): void {
    this.#next = state;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (this.#isVisible()) requestAnimationFrame(() => this.#show());
    else setTimeout(() => this.#show(), HIDDEN_MS);
  }

  /** Before the next frame: what is typed next is for what has changed. */
  showNow(): void {
    if (this.#isScheduled) this.#show();
  }

  /** Nothing of the last user stays in memory. */
  forget(): void {
    if (this.#state.screen !== "chat") this.#chat = undefined;
  }

  #show(): void {
    this.#isScheduled = false;
    this.#state = this.#next;
    if (this.#state.screen === "chat") this.#chat = this.#state;
    for (const listener of this.#listeners) listener();
  }
}
