import { expect, test } from "vitest";
import { parseChatInput } from "./chat-input.ts";

test("dot commands, with slashes and their other names too", () => {
  expect(parseChatInput(".usage")).toEqual({ kind: "usage", topic: "" });
  expect(parseChatInput("/help ban")).toEqual({ kind: "usage", topic: "ban" });
  for (const line of [".quit ", "/quit", "/exit", ".bye"]) expect(parseChatInput(line)).toEqual({ kind: "quit" });
  expect(parseChatInput(".join the lobby")).toEqual({ kind: "join", room: "the lobby" });
  expect(parseChatInput(".history")).toEqual({ kind: "history", count: 50 });
  expect(parseChatInput(".history 7")).toEqual({ kind: "history", count: 7 });
});

test("a line that is not a command is text", () => {
  for (const text of ["hello", "...", ".5 is a half", "/", ". x"]) {
    expect(parseChatInput(text)).toEqual({ kind: "text", text });
  }
  expect(parseChatInput(" .quit")).toEqual({ kind: "text", text: ".quit" });
  expect(parseChatInput("   ")).toEqual({ kind: "nothing" });
});

test("what is done with people and rooms is an act with its words, and some commands accept none", () => {
  expect(parseChatInput(".owner bob")).toEqual({ kind: "act", name: "owner", argument: "bob" });
  expect(parseChatInput("/remove bob")).toEqual({ kind: "act", name: "kick", argument: "bob" });
  expect(parseChatInput(".ban bob 1d  very rude")).toMatchObject({ name: "ban", argument: "bob 1d  very rude" });
  expect(parseChatInput(".who")).toMatchObject({ kind: "act", name: "who" });
  expect(parseChatInput(".register ada")).toEqual({ kind: "register", username: "ada" });
  for (const line of [".register", ".register a b", ".leave { margin: 0 }", ".close x", ".members x", ".constructor"]) {
    expect(parseChatInput(line)).toMatchObject({ kind: "hint" });
  }
});

test("a paste is sent unchanged", () => {
  for (const text of [".quit", ".leave {\n}", " .x", "/usr/bin"]) {
    expect(parseChatInput(text, true)).toEqual({ kind: "text", text });
  }
});

test("an unknown or incomplete command gets a hint", () => {
  expect(parseChatInput(".dance")).toMatchObject({ kind: "hint", hint: expect.stringContaining(".usage") });
  for (const line of [".join", ".history 0", ".history 201", ".history x"]) {
    expect(parseChatInput(line)).toMatchObject({ kind: "hint" });
  }
});

test("commands about messages take a number, or mean the newest", () => {
  expect(parseChatInput(".edit #12 a new text")).toEqual({ kind: "edit", target: 12, text: "a new text" });
  expect(parseChatInput(".edit #blessed")).toEqual({ kind: "edit", target: undefined, text: "#blessed" });
  expect(parseChatInput("/reply yes")).toEqual({ kind: "reply", target: undefined, text: "yes" });
  expect(parseChatInput(".react #3 👍")).toEqual({ kind: "react", target: 3, emoji: "👍" });
  expect(parseChatInput(".react 3 👍")).toEqual({ kind: "react", target: 3, emoji: "👍" });
  expect(parseChatInput(".delete")).toEqual({ kind: "delete", target: undefined });
  expect(parseChatInput(".upload a plan.pdf")).toEqual(parseChatInput(".file a plan.pdf"));
  expect(parseChatInput(".file a plan.pdf")).toEqual({ kind: "upload", path: "a plan.pdf", mustBeImage: false });
  expect(parseChatInput("/image cat.png")).toEqual({ kind: "upload", path: "cat.png", mustBeImage: true });
  for (const line of [".edit", ".reply #12", ".react", ".delete it", ".upload", ".image"])
    expect(parseChatInput(line)).toMatchObject({ kind: "hint" });
});
