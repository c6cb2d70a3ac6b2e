import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../paths.ts";

async function sources(): Promise<string[]> {
  const folders = ["api", "gateway"].map((name) => join(repositoryRoot, "packages", name, "src"));
  const files = await Promise.all(
    folders.map(async (folder) => (await readdir(folder, { recursive: true })).map((file) => join(folder, file))),
  );
  const ours = files.flat().filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  return Promise.all(ours.map((file) => readFile(file, "utf8")));
}

/** Names of events as the code writes them: given to the log, or an error code that is an event. */
async function writtenEvents(): Promise<Set<string>> {
  const names = new Set<string>();
  for (const text of await sources()) {
    for (const [, name = ""] of text.matchAll(/securityLog\(\{\s*event: "(\w+)"/g)) names.add(name);
    const codes = /const SECURITY_CODES.*?\[(.*?)\]/s.exec(text)?.[1] ?? "";
    for (const [, name = ""] of codes.matchAll(/"(\w+)"/g)) names.add(name);
    for (const [, name = ""] of text.matchAll(/const event = .*\? "(\w+)" :/g)) names.add(name);
  }
  return names;
}

test("SECURITY.md lists every security event that is written, and no other", async () => {
  const text = await readFile(join(repositoryRoot, "SECURITY.md"), "utf8");
  const section = /^## Security events\n(.*?)^## /ms.exec(text)?.[1] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  const listed = rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(listed.length).toBeGreaterThan(8);
  expect(new Set(listed)).toEqual(await writtenEvents());
});

test("every refusal for a rate is made by rateLimited, which names the limit", async () => {
  const texts = await sources();
  expect(texts.some((text) => text.includes("rateLimited("))).toBe(true);
  expect(texts.filter((text) => /ProtocolError\(\s*"rate_limited"/.test(text))).toEqual([]);
});

test("docs/limits.md lists every limit that the code names", async () => {
  const text = await readFile(join(repositoryRoot, "docs", "limits.md"), "utf8");
  const prefix = "(?:connection|address|site|user|account|recipient|room|cluster)";
  const named = new RegExp(`(?:name: |(?:NamedRate|perMinute|perHour|bytesPerSecond|ifSet)\\()"(${prefix}_\\w+)"`, "g");
  const names = (await sources()).flatMap((source) => [...source.matchAll(named)].map(([, name]) => name));
  expect(new Set(names).size).toBeGreaterThan(20);
  for (const name of names) expect(text).toContain(`\`${name}\``);
});
