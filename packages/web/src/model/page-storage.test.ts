import type { StoredTokens } from "@hubbub/client";
import type { RoomId, UserId } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { Drafts } from "./drafts.ts";
import { LoginStorage } from "./login-storage.ts";
import { PageStorage } from "./page-storage.ts";
import { sweepWords, Words } from "./words.ts";

/** What a browser's storage does with own keys, for as much as the page uses of it. */
class MapStorage {
  setItem(key: string, text: string): void {
    Object.assign(this, { [key]: text });
  }
  getItem(key: string): string | null {
    return (this as Record<string, unknown>)[key] as string | null;
  }
  removeItem(key: string): void {
    delete (this as Record<string, unknown>)[key];
  }
}

const browser = () => new MapStorage() as unknown as Storage;
const room = (name: string) => name as RoomId;
const login = (name: string, refreshToken = `${name}-1`): StoredTokens => ({
  user: { id: `id-${name}` as UserId, username: name },
  accessToken: "a",
  refreshToken,
  expiresIn: 600,
  expiresAt: Date.now() + 600_000,
});

test("forbidden or full storage is replaced by memory, and the page says so", () => {
  const forbidden = new PageStorage(() => {
    throw new Error("SecurityError");
  }, "a.");
  const full = Object.assign(browser(), {
    setItem: () => {
      throw new Error("QuotaExceededError");
    },
  });
  for (const storage of [forbidden, new PageStorage(() => full, "a.")]) {
    expect(storage.isLasting).toBe(false);
    expect(storage.set("x", "1")).toBe(false);
    expect([storage.get("x"), storage.keys("")]).toEqual(["1", ["x"]]);
  }
});

test("damaged values are ignored and removed", () => {
  const shared = browser();
  for (const text of ["{broken", "{}", "null", '{"user":{}}']) {
    const storage = new PageStorage(() => shared, "hubbub.");
    storage.set("tokens", text);
    expect(new LoginStorage(storage).take()).toEqual({ tokens: undefined, isDamaged: true });
    expect(new LoginStorage(storage).take().isDamaged).toBe(false);
    storage.set("draft.me.r", text);
    expect(new Words(storage, "me").draft(room("r"))).toBe("");
  }
});

test("servers below different paths of one origin do not see each other's login", () => {
  const shared = browser();
  new LoginStorage(new PageStorage(() => shared, "hubbub/chat.")).begin(login("ada"));
  expect(new LoginStorage(new PageStorage(() => shared, "hubbub.")).take().tokens).toBeUndefined();
});

test("a tab neither removes nor replaces another user's login, and finds its user's newer one", async () => {
  const shared = browser();
  const tab = () => new LoginStorage(new PageStorage(() => shared, "hubbub."));
  const [first, second] = [tab(), tab()];
  first.begin(login("alice"));
  second.take();
  first.forget();
  first.begin(login("bob"));
  await second.save(login("alice", "alice-2"));
  second.forget();
  expect(tab().take().tokens?.user.username).toBe("bob");
  first.begin(login("alice", "alice-1"));
  second.take();
  first.begin(login("alice", "alice-9"));
  expect(second.successor()?.refreshToken).toBe("alice-9");
  second.forget();
  expect(tab().take().tokens?.refreshToken).toBe("alice-9");
});

test("unsent texts outlive the page by user and room, in order and within bounds", () => {
  const storage = new PageStorage(browser, "hubbub.");
  const words = new Words(storage, "me");
  for (let at = 300; at > 0; at -= 1) words.keep({ id: `m${at}`, room: room("r"), text: `${at}`, at, error: "" });
  const kept = words.unsent();
  expect(kept).toHaveLength(200);
  expect(kept.map(({ at }) => at)).toEqual([...kept.map(({ at }) => at)].sort((a, b) => a - b));
  for (let index = 0; index < 60; index += 1) words.setDraft(room(`r${index}`), "x".repeat(20_000));
  expect(storage.keys("draft.me.")).toHaveLength(50);
  expect(words.draft(room("r59"))).toHaveLength(16_384);
  expect(new Words(storage, "you").count).toBe(0);
  words.setDraft(room("r59"), "");
  expect(words.draft(room("r59"))).toBe("");
  words.clear();
  words.keep({ id: "late", room: room("r"), text: "refused behind the logout", at: 1, error: "no" });
  words.setDraft(room("r"), "late");
  expect(words.count).toBe(0);
});

test("a text that was sent does not come back into the box by news of it, and leaves the server", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("reportError", vi.fn());
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const words = new Words(new PageStorage(browser, "hubbub."), "me");
  const [setDraft, removeDraft, changed] = [vi.fn(async () => ({})), vi.fn(async () => undefined), vi.fn()];
  let answer: (state: object) => void = () => undefined;
  const state = () => new Promise((resolve) => (answer = resolve));
  const http = { setDraft, removeDraft, state } as never;
  const drafts = new Drafts({ http, words, signal: new AbortController().signal, changed });
  const loading = drafts.load();
  const told = { room: room("r"), text: "hello", at: Date.now() };
  vi.advanceTimersByTime(5);
  // Of an earlier visit: sent before the page has heard that the server has it, too.
  drafts.typed(room("r"), "");
  answer({ drafts: [told] });
  await loading;
  await vi.advanceTimersByTimeAsync(0);
  expect([words.draft(room("r")), changed.mock.calls]).toEqual(["", []]);
  expect(removeDraft.mock.calls).toEqual([["r", told.at + 5]]);
  drafts.typed(room("r"), "again");
  await vi.advanceTimersByTimeAsync(800);
  const again = Date.now() - 800;
  drafts.typed(room("r"), "");
  drafts.hear({ type: "personal", kind: "draft", room: room("r"), text: "again", at: again });
  expect([words.draft(room("r")), changed.mock.calls]).toEqual(["", []]);
  drafts.hear({ type: "personal", kind: "draft", room: room("r"), text: "elsewhere", at: Date.now() + 1 });
  expect(words.draft(room("r"))).toBe("elsewhere");
});

test("texts of a user who does not return are removed eventually", () => {
  const storage = new PageStorage(browser, "hubbub.");
  const words = new Words(storage, "me");
  words.setDraft(room("r"), "x");
  sweepWords(storage);
  expect(words.count).toBe(1);
  sweepWords(storage, Date.now() + 31 * 86_400_000);
  expect(words.count).toBe(0);
});
