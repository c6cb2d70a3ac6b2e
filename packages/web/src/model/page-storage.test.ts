import type { StoredTokens } from "@hubbub/client";
import type { RoomId, UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
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
  expect(words.count).toBe(0);
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
