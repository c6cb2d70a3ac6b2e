import type { StoredTokens, TokenStorage } from "@hubbub/client";

const KEY = "hubbub.tokens";
const LOCK = "hubbub.refresh";

/** One login for all tabs of this origin; where the browser has locks, one tab at a time renews it. */
export const tokenStorage: TokenStorage & { forget(): void; peek(): StoredTokens | undefined } = {
  peek() {
    const text = localStorage.getItem(KEY);
    return text === null ? undefined : (JSON.parse(text) as StoredTokens);
  },
  async load() {
    return this.peek();
  },
  async save(tokens) {
    localStorage.setItem(KEY, JSON.stringify(tokens));
  },
  forget() {
    localStorage.removeItem(KEY);
  },
  // Outside of a secure context there is no `locks`; the server's grace for two tabs has to do.
  exclusively: (work) => ("locks" in navigator ? navigator.locks.request(LOCK, work) : work()),
};
