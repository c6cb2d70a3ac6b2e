import type { Tokens } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { ALICE } from "../test/fake-server.ts";
import { Session, type StoredTokens, type TokenStorage, toStoredTokens } from "./session.ts";

const tokens = (name: string, expiresIn = 600): Tokens => ({
  user: ALICE,
  accessToken: name,
  refreshToken: `${name}-refresh`,
  expiresIn,
});

function storageOf(first?: StoredTokens): TokenStorage & { kept: StoredTokens | undefined } {
  return {
    kept: first,
    load() {
      return Promise.resolve(this.kept);
    },
    save(next) {
      this.kept = next;
      return Promise.resolve();
    },
  };
}

test("a token close to its expiry is refreshed once for all callers, and stored", async () => {
  const storage = storageOf();
  const asked: string[] = [];
  const refresh = (refreshToken: string): Promise<Tokens> => {
    asked.push(refreshToken);
    return Promise.resolve(tokens("second"));
  };
  const session = new Session({ ...tokens("first"), expiresAt: Date.now() + 5_000 }, refresh, storage);
  expect(await Promise.all([session.getToken(false), session.getToken(false)])).toEqual(["second", "second"]);
  expect(await session.getToken(false)).toBe("second");
  expect(asked).toEqual(["first-refresh"]);
  expect(storage.kept?.refreshToken).toBe("second-refresh");
});

test("tokens refreshed by another owner of the session are taken from the storage", async () => {
  const storage = storageOf(toStoredTokens(tokens("other")));
  const session = new Session(tokens("mine"), () => Promise.reject(new Error("no refresh")), storage);
  expect(await session.getToken(true)).toBe("other");
});
