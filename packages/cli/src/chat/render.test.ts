import { type EventId, type FileId, type RoomEvent, type RoomId, UNCHANGED, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { PLAIN, paintOf } from "./paint.ts";
import { clock, renderEvent, renderFile, renderGap, renderPast, renderPrompt } from "./render.ts";

const by = { id: "u" as UserId, username: "ada" };
const head = { type: "event", room: "r" as RoomId, epoch: 1, seq: 5, at: 0, by, id: "i" as EventId } as const;
const context = {
  paint: PLAIN,
  textAt: (seq: number) => (seq === 1 ? "the first thing that was ever said here, word for word" : undefined),
};
const rendered = (event: RoomEvent): string => renderEvent(event, context).join("\n");

test("a message shows time and name, and further lines are indented", () => {
  expect(rendered({ ...head, kind: "message", text: "one\ntwo" })).toBe(`${clock(0)} ada  one #5\n      two`);
});

test("a reply quotes its message, shortened, or names it if it is unknown", () => {
  expect(rendered({ ...head, kind: "message", text: "yes", replyTo: 1 })).toContain(
    "↪ “the first thing that was ever said here,…”",
  );
  expect(rendered({ ...head, kind: "delete", target: 99 })).toBe("      · ada deleted an earlier message");
});

test("names, texts and emoji of others cannot control the terminal", () => {
  const evil = { id: "u" as UserId, username: "ada\u001b]0;x\u0007" };
  const events: RoomEvent[] = [
    { ...head, by: evil, kind: "message", text: "\u001b[2J" },
    { ...head, by: evil, kind: "react", target: 1, emoji: "\u001b[A" },
    { ...head, by: evil, kind: "room", name: "\u009b2J", topic: "\u202e" },
    { ...head, by: evil, kind: "join", user: "u" as UserId },
  ];
  for (const event of events) expect(rendered(event).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
});

test("a name is in its colour, which ends behind it", () => {
  expect(paintOf("16").name("ada")).toBe("\u001b[32mada\u001b[39m");
  expect(paintOf("none").name("ada")).toBe("ada");
});

test("gaps say how much is missing and why", () => {
  expect(renderGap({ from: 3, to: 7, reason: "retention" }, PLAIN)).toContain(
    "5 events are missing: they are no longer stored",
  );
  expect(renderGap({ from: 3, to: 7, reason: "unannounced" }, PLAIN)).toContain("did not deliver them");
});

test("the prompt shows the state of the last own message", () => {
  expect(renderPrompt("lobby", "")).toBe("lobby › ");
  expect(renderPrompt("lobby", "✓✓")).toBe("lobby ✓✓ › ");
  expect(renderPrompt(undefined, "…")).toBe("(no room) … › ");
});

test("the past shows messages as they are now, and not what changed them", () => {
  const event = { ...head, kind: "message", text: "frist" } as const;
  const reactions = new Map([["👍", new Set([by.id])]]);
  const edited = { seq: 6, at: 0, count: 1 };
  const past = (state: Partial<typeof UNCHANGED>) =>
    renderPast(event, { event, state: { ...UNCHANGED, ...state } }, context).join("\n");
  expect(past({ text: "first", edited, reactions })).toBe(`${clock(0)} ada  first #5\n      👍 1 · edited`);
  expect(past({ isDeleted: true })).toBe(`      · ${clock(0)} a message of ada was deleted #5`);
  expect(renderPast({ ...head, kind: "edit", target: 1, text: "x" }, undefined, context)).toEqual([]);
});

test("a file has its name, its size and a link", () => {
  const file = { id: "f" as FileId, name: "plan\u001b.pdf", type: "application/pdf", bytes: 2_000 };
  expect(renderFile(5, file, "http://x/f", PLAIN)).toMatch(/^ {6}📎 plan.\.pdf \(2 KiB\) #5 http:\/\/x\/f$/);
  expect(renderFile(5, file, undefined, PLAIN)).toContain("deleted");
});
