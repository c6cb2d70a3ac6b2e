import { expect, test } from "vitest";
import { parseChatInput } from "./chat-input.ts";

test("dot commands, with slashes and their other names too", () => {
  expect(parseChatInput(".usage")).toEqual({ kind: "usage" });
  expect(parseChatInput("/help")).toEqual({ kind: "usage" });
  expect(parseChatInput(".quit ")).toEqual({ kind: "quit" });
  expect(parseChatInput(".join the lobby")).toEqual({ kind: "join", room: "the lobby" });
  expect(parseChatInput(".history")).toEqual({ kind: "history", count: 50 });
  expect(parseChatInput(".history 7")).toEqual({ kind: "history", count: 7 });
});

test("what is no command is said", () => {
  for (const text of ["hello", "...", ".5 is a half", "/", ". x"]) {
    expect(parseChatInput(text)).toEqual({ kind: "text", text });
  }
  expect(parseChatInput(" .quit")).toEqual({ kind: "text", text: ".quit" });
  expect(parseChatInput("   ")).toEqual({ kind: "nothing" });
});

test("an unknown or incomplete command gets a hint", () => {
  expect(parseChatInput(".dance")).toMatchObject({ kind: "hint", hint: expect.stringContaining(".usage") });
  for (const line of [".join", ".history 0", ".history 201", ".history x"]) {
    expect(parseChatInput(line)).toMatchObject({ kind: "hint" });
  }
});
