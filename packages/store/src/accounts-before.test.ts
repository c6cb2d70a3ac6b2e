import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { newId, skeletonOf } from "@hubbub/protocol";
import { expect, test } from "vitest";

/** A database of its own takes long to start on a busy machine. */
const TIMEOUT_MS = 120_000;
const FOLDER = fileURLToPath(new URL("../migrations/", import.meta.url));

/** Each file is one transaction, as in a migration. */
async function apply(database: PGlite, file: string): Promise<void> {
  const statements = readFileSync(FOLDER + file, "utf8").split("--> statement-breakpoint");
  await database.transaction(async (handle) => {
    for (const statement of statements) await handle.exec(statement);
  });
}

test(
  "the migration keeps account names, protects the oldest of names that look alike, and marks guests",
  async () => {
    const files = readdirSync(FOLDER)
      .filter((file) => file.endsWith(".sql"))
      .sort();
    const at = files.findIndex((file) => file.endsWith("_accounts.sql"));
    await using database = await PGlite.create();
    for (const file of files.slice(0, at)) await apply(database, file);
    const add = (username: string, hash: string | null) =>
      database.query("insert into hubbub.users (id, username, password_hash) values ($1, $2, $3)", [
        newId(),
        username,
        hash,
      ]);
    const accounts = ["Ada", "lil", "1i1", "modern", "v_v.v-", "B0b.1-_x", "corn.."];
    for (const username of accounts) await add(username, "hash");
    for (const username of ["admin", "a".repeat(32), "guest-zoe"]) await add(username, null);
    for (const file of files.slice(at)) await apply(database, file);
    const { rows } = await database.query<{ username: string; skeleton: string | null; guest: boolean }>(
      "select username, skeleton, password_hash is null as guest from hubbub.users order by id",
    );
    const kept = rows.filter(({ guest }) => !guest);
    expect(kept.map(({ username }) => username)).toEqual(accounts);
    for (const { username, skeleton } of kept) expect(skeleton).toBe(username === "1i1" ? null : skeletonOf(username));
    for (const { username } of rows.filter(({ guest }) => guest)) expect(username).toMatch(/^guest-[\w.-]{1,26}$/);
  },
  TIMEOUT_MS,
);
