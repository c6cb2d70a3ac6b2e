import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { CHAIN_START, commitmentOf, linkOf, partsOf } from "@hubbub/protocol";
import { expect, onTestFinished, test } from "vitest";
import { parseVerifyArguments, verifyCommand } from "./verify-command.ts";

const ROOM = "0196f2a0-0000-7000-8000-000000000001";

test("verify takes a room by its id, and --json", () => {
  expect(parseVerifyArguments([])).toEqual({ room: undefined, isJson: false, chain: undefined });
  expect(parseVerifyArguments(["--room", ROOM, "--json"])).toEqual({ room: ROOM, isJson: true, chain: undefined });
  expect(parseVerifyArguments(["--chain", "room.ndjson"])).toMatchObject({ chain: "room.ndjson" });
});

test.each([["--room", "lobby"], ["--room"], ["--rooms"], ["now"]])("verify %s %s is not understood", (...args) => {
  expect(parseVerifyArguments(args)).toBeNull();
});

async function pages() {
  let previous = CHAIN_START;
  const made = [];
  for (let seq = 1; seq <= 2; seq++) {
    const event = {
      type: "event",
      room: ROOM,
      seq,
      by: { id: "ada", username: "ada" },
      kind: "message",
      text: `${seq}`,
    };
    const { head, content } = partsOf(event);
    const commitment = await commitmentOf("salt", content);
    const link = await linkOf(previous, head, commitment);
    const entries = [{ event, salt: "salt", commitment, link }];
    made.push({ room: ROOM, before: previous, entries, sealed: { seq: 2, link: seq === 2 ? link : "?" } });
    previous = link;
  }
  return made;
}

async function check(lines: readonly unknown[]) {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-chain-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, "room.ndjson");
  await writeFile(file, lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""));
  const stdout = new PassThrough();
  const settings = {} as Parameters<typeof verifyCommand>[0];
  const asked = { chain: file, room: undefined, isJson: false };
  const code = await verifyCommand(settings, asked, { stdout, stderr: new PassThrough() });
  return { code, said: String(stdout.read()) };
}

test("verify --chain needs the file alone, and says the last link", async () => {
  const made = await pages();
  expect(await check(made)).toEqual({
    code: 0,
    said: `2 links, intact; the last one: seq 2 ${made[1]?.sealed.link}\n`,
  });
});

test("verify --chain says how many events name a message that has moved since", async () => {
  const [first, second] = await pages();
  const entries = second?.entries.map((entry) => ({ ...entry, moved: { target: 9 } }));
  const { code, said } = await check([first, { ...second, entries }]);
  expect(code).toBe(0);
  expect(said).toMatch(/^1 events name a message that has another seq since/);
});

test("verify --chain says that it has not checked links in front of the file", async () => {
  const [, second] = await pages();
  expect(await check([second])).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^the first links.*\n1 links, intact/),
  });
});

test("verify --chain finds a changed text, a missing page, another end and a broken line", async () => {
  const [first, second] = JSON.parse(JSON.stringify(await pages()));
  const forged = structuredClone(second);
  forged.entries[0].event.text = "forged";
  const [entry] = first.entries;
  expect((await check([first, forged])).said).toContain("seq 2: the content is not what was sealed");
  expect((await check([{ ...first, entries: [{ ...entry, link: "0" }] }, second])).said).toContain("a page is missing");
  expect((await check([first, { ...second, sealed: { seq: 2, link: "0" } }])).said).toContain("the newest link");
  const [hostile] = structuredClone([first]);
  hostile.entries[0].event.seq = hostile.entries[0].link = "\u001b[2J";
  expect((await check([hostile])).said).not.toContain("\u001b");
  expect(await check([first, "{"])).toMatchObject({ code: 1, said: expect.stringContaining("no answer of GET") });
});
