import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Key } from "node:readline";
import { expect, onTestFinished, test, vi } from "vitest";
import { Mouse } from "./mouse.ts";
import { TypedLines } from "./typed-lines.ts";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "hubbub-cli-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const line = (text: string) => ({ text, isPasted: false });

test("lines of other users stay, and an empty line is removed", async () => {
  const path = await folder();
  const [ada, bob] = ["ada", "bob"].map((owner) => new TypedLines(path, owner));
  ada?.set("tea", line("half"));
  ada?.save();
  bob?.set("tea", { text: ".quit", isPasted: true });
  bob?.save();
  expect(new TypedLines(path, "ada").get("tea")).toEqual(line("half"));
  expect(new TypedLines(path, "bob").get("tea")).toEqual({ text: ".quit", isPasted: true });
  ada?.set("tea", line(""));
  ada?.save();
  expect(await readFile(join(path, "typed.json"), "utf8")).not.toContain("half");
  expect(new TypedLines(path, "bob").get("tea")).toBeDefined();
});

test("two terminals of a user keep the lines of both, and of one room the later one", async () => {
  const path = await folder();
  const [one, other] = [new TypedLines(path, "ada"), new TypedLines(path, "ada")];
  one.set("tea", line("of one"));
  one.set("both", line("earlier"));
  other.set("cake", line("of the other"));
  await new Promise((resolve) => setTimeout(resolve, 5));
  other.set("both", line("later"));
  other.save();
  one.save();
  const next = new TypedLines(path, "ada");
  expect(["tea", "cake", "both"].map((room) => next.get(room)?.text)).toEqual(["of one", "of the other", "later"]);
});

test("a line is in the file 100 ms behind a key; a line that was sent waits for its message to be kept", async () => {
  const path = await folder();
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const lines = new TypedLines(path, "ada");
  const kept = () => new TypedLines(path, "ada").get("tea")?.text;
  for (const text of ["h", "ha", "hal", "half"]) {
    lines.set("tea", line(text));
    vi.advanceTimersByTime(30);
  }
  expect(kept()).toBe("half");
  lines.set("tea", line(""));
  vi.advanceTimersByTime(900);
  expect(kept()).toBe("half");
  vi.advanceTimersByTime(100);
  expect(kept()).toBeUndefined();
});

test("at most 50 rooms keep a line: the one that was typed first goes", async () => {
  const path = await folder();
  const lines = new TypedLines(path, "ada");
  for (let room = 0; room < 51; room += 1) lines.set(`room ${room}`, line("x"));
  lines.save();
  expect([lines.get("room 0"), lines.get("room 1")]).toEqual([undefined, line("x")]);
});

test("a damaged file, and a folder that cannot be written, keep nothing and break nothing", async () => {
  const path = await folder();
  await writeFile(join(path, "typed.json"), "{damaged");
  expect(new TypedLines(path, "ada").get("tea")).toBeUndefined();
  const lines = new TypedLines("/dev/null/nowhere", "ada");
  lines.set("tea", line("half"));
  lines.save();
  expect(lines.get("tea")).toEqual(line("half"));
});

test("of the mouse the wheel is heard, and clicks type nothing", () => {
  const heard = (report: string) => {
    const mouse = new Mouse();
    const key = (sequence: string): Key => ({ sequence });
    const answers = [mouse.key(undefined, key("\u001b[<")), ...[...report].map((char) => mouse.key(char, key(char)))];
    return [answers.at(-1), mouse.key("x", key("x"))];
  };
  expect(heard("64;10;3M")).toEqual(["up", undefined]);
  expect(heard("65;10;3M")).toEqual(["down", undefined]);
  expect(heard("0;10;3m")).toEqual(["", undefined]);
});
