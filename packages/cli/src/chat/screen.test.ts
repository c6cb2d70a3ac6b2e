import { expect, test, vi } from "vitest";
import { FakeTerminal } from "../../test/fake-terminal.ts";
import { Screen } from "./screen.ts";

function open(columns: number) {
  const terminal = new FakeTerminal(columns);
  const screen = new Screen(terminal.env);
  const lines: string[] = [];
  const ended = vi.fn();
  screen.open({ line: (text) => lines.push(text), ended });
  screen.show("tea › ", []);
  return { terminal, screen, lines, ended, rows: () => terminal.paper.rows };
}

test("messages appear above the input line, and a sent line is cleared", async () => {
  const { terminal, screen, lines, rows } = open(80);
  screen.print("ada  hello");
  await terminal.type("hi");
  screen.print("bob  hello");
  screen.show("tea … › ", ["      … on its way"]);
  expect(rows()).toEqual(["ada  hello", "bob  hello", "      … on its way", "tea … › hi"]);
  await terminal.type("\r");
  expect(lines).toEqual(["hi"]);
  screen.show("tea › ", []);
  screen.close();
  expect(rows()).toEqual(["ada  hello", "bob  hello", ""]);
});

test("neither a narrower nor a wider terminal loses a message or leaves a copy of the line", async () => {
  const { terminal, screen, rows } = open(80);
  screen.print("first");
  await terminal.type("x".repeat(140));
  for (const [columns, message] of [
    [40, "second"],
    [100, "third"],
    [23, "fourth"],
    [80, "fifth"],
  ] as const) {
    terminal.resize(columns);
    screen.print(message);
  }
  const all = rows();
  expect(all.slice(0, 5)).toEqual(["first", "second", "third", "fourth", "fifth"]);
  expect(all.slice(5).join("")).toBe(`tea › ${"x".repeat(140)}`);
});

test("many pending messages take a few rows, and a very long line does not fill the screen", async () => {
  const { terminal, screen, rows } = open(80);
  screen.show(
    "tea … › ",
    Array.from({ length: 50 }, (_, index) => `      … ${index}`),
  );
  await terminal.type("x".repeat(5_000));
  expect(rows()).toContain("      … and 45 more");
  expect(rows().length).toBeLessThan(24);
});

test("Ctrl-Z restores the terminal before the job stops; fg takes it again and redraws the line", async () => {
  const { terminal, screen, rows } = open(80);
  screen.print("ada  hello");
  await terminal.type("half");
  terminal.happened.length = 0;
  await terminal.type("\u001a");
  expect(terminal.happened).toEqual(["pastes unmarked", "cooked", "kill 0 SIGTSTP"]);
  expect(rows()).toEqual(["ada  hello", ""]);
  terminal.paper.write("[1]+ Stopped\r\n");
  terminal.happened.length = 0;
  terminal.host.emit("SIGCONT");
  expect(terminal.happened).toEqual(["cooked", "raw", "pastes marked"]);
  await terminal.type(" typed");
  expect(rows()).toEqual(["ada  hello", "[1]+ Stopped", "tea › half typed"]);
});

test("without job control, Ctrl-Z has no lasting effect", async () => {
  const { terminal, rows } = open(80);
  await terminal.type("half\u001a");
  await vi.waitFor(() => expect(rows()).toEqual(["tea › half"]));
  expect(terminal.happened.at(-1)).toBe("pastes marked");
});

test("a crash restores the terminal", async () => {
  const { terminal } = open(80);
  terminal.happened.length = 0;
  terminal.host.emit("exit");
  expect(terminal.happened).toEqual(["pastes unmarked", "cooked"]);
});

test("the end of the input, Ctrl-C and Ctrl-D end it", async () => {
  for (const end of ["\u0003", "\u0004"]) {
    const { terminal, ended } = open(80);
    await terminal.type(end);
    expect(ended).toHaveBeenCalledOnce();
  }
  const { terminal, ended } = open(80);
  terminal.env.stdin.emit("error", Object.assign(new Error("read EIO"), { code: "EIO" }));
  expect(ended).toHaveBeenCalledOnce();
});

test("a terminal that can only print gets no cursor codes", async () => {
  const terminal = new FakeTerminal(80);
  const screen = new Screen({ ...terminal.env, isDumb: true });
  screen.open({ line: () => undefined, ended: () => undefined });
  screen.show("tea › ", []);
  screen.print("ada  hello");
  expect(terminal.paper.rows).toEqual(["ada  hello", ""]);
  expect(terminal.happened).toEqual([]);
});

test("a secret is drawn as dots, answers its question alone, and is not recalled later", async () => {
  const { terminal, screen, lines, rows } = open(80);
  const answers: string[] = [];
  screen.askSecret("Password: ", (first) => {
    answers.push(first);
    screen.askSecret("Again: ", (second) => answers.push(second));
  });
  await terminal.type("open sesame");
  expect(rows().at(-1)).toBe("Password: •••••••••••");
  expect(screen.typed).toBe("");
  await terminal.type("\r");
  await terminal.type("open\r");
  await terminal.type("hello\r");
  expect(answers).toEqual(["open sesame", "open"]);
  expect(lines).toEqual(["hello"]);
  for (const line of ["hello", ""]) {
    await terminal.type("\u001b[A");
    expect(rows().at(-1)).toBe(`tea › ${line}`);
  }
});
