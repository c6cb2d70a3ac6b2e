import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type OwnRedis, query } from "@hubbub/testkit";

/** Tables of the schema with a row that holds the word. */
export async function tablesOf(url: string, word: string): Promise<string[]> {
  const tables = (await query(
    url,
    "select table_name as name from information_schema.tables where table_schema = 'hubbub'",
  )) as { name: string }[];
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await query(url, `select 1 from hubbub."${name}" t where t::text ilike $1 limit 1`, [`%${word}%`]);
      return rows.length > 0 ? [name] : [];
    }),
  );
  return found.flat().sort();
}

/** Without the logs, which keep what is committed for the replay window. */
export async function keysOf(admin: OwnRedis["admin"], word: string): Promise<string[]> {
  const found: string[] = [];
  const keys = (await admin.keys("*")).filter((key) => !key.endsWith(":log"));
  for (const key of keys) {
    const type = await admin.type(key);
    const value =
      type === "stream"
        ? await admin.xrange(key, "-", "+")
        : type === "hash"
          ? await admin.hgetall(key)
          : type === "string"
            ? await admin.get(key)
            : null;
    if (JSON.stringify(value).toLowerCase().includes(word)) found.push(key);
  }
  return found;
}

/** Files below a folder that hold the word. */
export async function filesOf(folder: string, word: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return files.filter((_file, at) => texts[at]?.includes(word));
}
