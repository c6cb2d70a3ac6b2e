import { type MockInstance, vi } from "vitest";
import type { World } from "./test-api.ts";

/** 32 bytes each, as base64url. */
export const SECRET_KEYS = `one:${"A".repeat(43)}`;
export const NEWER_SECRET_KEYS = `two:${"B".repeat(42)}A,${SECRET_KEYS}`;

/** Every login looks an hour old, until `mockRestore`. */
export function ageSessions({ store }: World): Pick<MockInstance, "mockRestore"> {
  const { list } = store.sessions;
  const createdAt = new Date(Date.now() - 3_600_000);
  return vi
    .spyOn(store.sessions, "list")
    .mockImplementation(async (user) => (await list(user)).map((row) => ({ ...row, createdAt })));
}
