import { expect, test } from "vitest";
import { parseArguments } from "./args.ts";
import { CliError, EXIT } from "./cli-error.ts";

const parse = (line: string) => parseArguments(line.split(" ").filter((word) => word !== ""));

test("the guest's name is the word after --guest, once command and room are given", () => {
  expect(parse("chat lobby --guest ada").command).toMatchObject({ room: "lobby", guest: "ada" });
  expect(parse("chat --guest lobby").command).toMatchObject({ room: "lobby", guest: "" });
  expect(parse("--server http://h:1 chat --guest lobby")).toMatchObject({
    server: "http://h:1",
    command: { room: "lobby", guest: "" },
  });
  expect(parse("tail lobby --guest --json").command).toMatchObject({ guest: "", isJson: true });
  expect(parse("send lobby --guest=ada hello there").command).toMatchObject({ guest: "ada", text: "hello there" });
  expect(parse("chat lobby").command).toMatchObject({ guest: undefined });
});

test("send without a text reads stdin, words after -- are text", () => {
  expect(parse("send lobby").command).toMatchObject({ text: undefined });
  expect(parse("send lobby -- --guest is a word").command).toMatchObject({
    text: "--guest is a word",
    guest: undefined,
  });
});

test("a text may begin with a dash; a text that looks like an option needs --, and the error says so", () => {
  const textOf = (...argv: string[]) => parseArguments(argv).command;
  expect(textOf("send", "lobby", "- milk")).toMatchObject({ room: "lobby", text: "- milk" });
  expect(textOf("send", "lobby", "-hello", "-1", "---")).toMatchObject({ text: "-hello -1 ---" });
  expect(textOf("send", "lobby", "--this is no option")).toMatchObject({ text: "--this is no option" });
  expect(textOf("send", "lobby", "--guest", "ada", "-", "milk")).toMatchObject({ text: "- milk", guest: "ada" });
  expect(textOf("send", "lobby", "--", "--json")).toMatchObject({ text: "--json" });
  expect(textOf("send", "--", "-room", "-text")).toMatchObject({ room: "-room", text: "-text" });
  expect(parseArguments(["--server", "http://h:1", "send", "lobby", "-1", "--guest"])).toMatchObject({
    server: "http://h:1",
    command: { room: "lobby", text: "-1", guest: "" },
  });
  expect(() => textOf("send", "lobby", "--gest", "hello")).toThrow(/hubbub send ROOM -- /);
  expect(() => textOf("send", "-1", "lobby")).toThrow(CliError);
});

test("an invalid command line is a usage error that names the help", () => {
  const wrong = [
    "shout lobby",
    "chat --line",
    "chat a b",
    "tail a --since x",
    "login",
    "rooms all",
    "rooms --guest",
    "chat a --nope",
    "rooms --json",
    "chat a --since 3",
    "send a --close b",
    "tail a --since -1",
    "owner",
    "help a b",
  ];
  for (const line of wrong) {
    expect(() => parse(line), line).toThrow(expect.objectContaining({ exitCode: EXIT.usage }));
    expect(() => parse(line), line).toThrow(/hubbub --help/);
    expect(() => parse(line), line).toThrow(CliError);
  }
});

test("what the chat does is a command too, with the name of its room where it is done in one", () => {
  expect(parse("ban tea bob 1d very rude").command).toEqual({
    name: "act",
    act: "ban",
    room: "tea",
    argument: "bob 1d very rude",
  });
  expect(parse("dm ada bob").command).toMatchObject({ act: "dm", room: "", argument: "ada bob" });
  expect(parse("help ban").command).toEqual({ name: "help", topic: "ban" });
});

test("no arguments, help and --help print the help", () => {
  for (const line of ["", "help", "chat lobby --help"]) expect(parse(line).command).toEqual({ name: "help" });
});

test("an empty room, name or text is reported", () => {
  expect(() => parseArguments(["chat", ""])).toThrow(/one ROOM/);
  expect(() => parseArguments(["owner", ""])).toThrow(/a ROOM/);
  expect(() => parseArguments(["send", "lobby", " "])).toThrow(/TEXT is empty/);
});
