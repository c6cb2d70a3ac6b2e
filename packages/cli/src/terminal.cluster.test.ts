import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { ADA, FakeHub, LOBBY } from "../test/fake-hub.ts";
import { Grid } from "../test/grid.ts";
import { Pty } from "../test/pty.ts";
import { Tmux } from "../test/tmux.ts";

const run = promisify(execFile);
const HUBBUB = fileURLToPath(new URL("../bin/hubbub.js", import.meta.url));
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

async function listening(): Promise<{ hub: FakeHub; server: string }> {
  const hub = new FakeHub();
  const server = await hub.listen();
  onTestFinished(() => hub.close());
  return { hub, server };
}

/** A shell in a terminal, and a server that its `hubbub` talks to. */
async function shell(env: Record<string, string> = {}): Promise<{ hub: FakeHub; server: string; pty: Pty }> {
  const { hub, server } = await listening();
  const pty = new Pty({ HUBBUB_SERVER: server, HOME: "/nowhere", ...env });
  onTestFinished(() => pty.close());
  await pty.sees("READY>");
  await pty.ask(
    `stty rows 24 cols 80; bind 'set enable-bracketed-paste off'; cd ${ROOT}; hubbub() { ${process.execPath} ${HUBBUB} "$@"; }`,
  );
  return { hub, server, pty };
}

/** Whether lines are edited by the terminal again, and pastes are not marked. */
async function isGivenBack(pty: Pty): Promise<void> {
  expect(pty.seen.lastIndexOf("\u001b[?2004l")).toBeGreaterThan(pty.seen.lastIndexOf("\u001b[?2004h"));
  await pty.ask("stty -a");
  expect(pty.seen).toMatch(/ icanon/);
  expect(pty.seen).toMatch(/ echo /);
}

/** What the terminal shows: what it got since `forget`, drawn. */
function drawn(pty: Pty, columns: number, rows: number): Grid {
  const grid = new Grid(columns, rows);
  grid.write(pty.seen);
  return grid;
}

test("the full screen: send, see, switch, resize, stop, a lost server, and SIGTERM", async () => {
  const { hub, pty } = await shell();
  await pty.ask("tty");
  const tty = /\/dev\/pts\/\d+/.exec(pty.seen)?.[0] ?? "";
  const size = (columns: number, rows: number) => run("stty", ["-F", tty, "columns", `${columns}`, "rows", `${rows}`]);
  const sees = (text: string | RegExp, columns = 110, rows = 24): Promise<void> =>
    vi.waitFor(() => expect(drawn(pty, columns, rows).text).toMatch(text), { timeout: 15_000, interval: 50 });
  await size(110, 24);
  pty.forget();
  pty.type(`sh -c 'echo "process $$;"; exec ${process.execPath} ${HUBBUB} chat lobby --guest'\r`);
  await sees(/kitchen[\s\S]*● connected/);
  const pid = Number(/process (\d+);/.exec(pty.seen)?.[1]);
  pty.type("hello there\r");
  await sees(/│ {2}hello there ✓/);
  pty.type("half a line");
  await sees("lobby › half a line");
  expect(pty.seen).toContain("\u001b[32m● connected");
  pty.type("\u001b[1;3B");
  await sees("kitchen ›");
  pty.type("\u001b[1;3A");
  await sees("lobby › half a line");
  pty.forget();
  await size(70, 12);
  await sees(/hello there[\s\S]*lobby › half a line/, 70, 12);
  pty.forget();
  pty.type("\u001a");
  await pty.sees(/Stopped[\s\S]*READY>/);
  await isGivenBack(pty);
  pty.forget();
  pty.type("fg\r");
  await sees("lobby › half a line", 70, 12);
  await hub.close();
  await sees("○ no connection", 70, 12);
  process.kill(pid, "SIGTERM");
  await pty.sees(/typed and not sent:\s+half a line\s+READY>/);
  expect(drawn(pty, 70, 12).modes).not.toContain("?1049");
  await isGivenBack(pty);
});

test.skipIf(spawnSync("tmux", ["-V"]).status !== 0)(
  "in tmux: colours, wide characters, a paste, the wheel, a new size; a fault of the program gives the terminal back",
  async () => {
    const { hub, server } = await listening();
    for (let number = 1; number <= 60; number += 1) hub.say(`number ${number}.`);
    const folder = await mkdtemp(join(tmpdir(), "hubbub-cli-"));
    const tmux = new Tmux({ HUBBUB_SERVER: server, HOME: "/nowhere", COLORTERM: "truecolor" });
    onTestFinished(async () => {
      await tmux.close();
      await rm(folder, { recursive: true, force: true });
    });
    await tmux.start(110, 24);
    const dies = `--import "data:text/javascript,process.on(\`SIGUSR2\`,()=>{throw(new(Error))})"`;
    const chat = `echo $$ > ${folder}/pid; exec ${process.execPath} ${HUBBUB} chat lobby --guest --mouse`;
    await tmux.type(`NODE_OPTIONS='${dies}' sh -c '${chat}'; echo "ended $?"`);
    await tmux.press("Enter");
    await tmux.sees(/number 60\.[\s\S]*● connected/);
    expect(await tmux.screen(true)).toContain("\u001b[38;2;24;135;42m");
    expect(await tmux.ask("#{alternate_on} #{mouse_any_flag}")).toBe("1 1");
    hub.say("👩‍🚀👍 日本語 e\u0301 שלום");
    await tmux.sees(/│.*👍.*日本語.*שלום.*│/);
    await tmux.paste("one\n.quit\n");
    await tmux.sees("lobby › one⏎.quit");
    await tmux.press("Enter");
    await vi.waitFor(() => expect(hub.log.at(-1)).toMatchObject({ text: "one\n.quit" }));
    await tmux.type("\u001b[<64;10;3M");
    await tmux.sees("older messages, End leads back");
    await tmux.press("End");
    await tmux.sees(".quit ✓");
    await tmux.type("half a line");
    await tmux.resize(50, 12);
    await tmux.sees(/^ +\.quit ✓[^│]*lobby › half a line$/m);
    process.kill(Number(await readFile(join(folder, "pid"), "utf8")), "SIGUSR2");
    await tmux.sees("ended 1");
    expect(await tmux.ask("#{alternate_on} #{mouse_any_flag} #{cursor_flag}")).toBe("0 0 1");
    await tmux.type("clear; stty -a; echo the shell $((20+22)) answers");
    await tmux.press("Enter");
    await tmux.sees(/ icanon[\s\S]* echo [\s\S]*the shell 42 answers/);
  },
);

test.each(["hubbub", "npx --no-install hubbub"])(
  "Ctrl-Z and fg: the shell has the terminal, then the chat again (%s)",
  async (command) => {
    const { hub, pty } = await shell();
    pty.type(`${command} chat lobby --line --guest\r`);
    await pty.sees("lobby › ");
    pty.type("half");
    await pty.sees("lobby › half");
    pty.type("\u001a");
    await pty.sees(/Stopped[\s\S]*READY>/);
    await isGivenBack(pty);
    await pty.ask("echo the shell $((20+22)) answers");
    expect(pty.seen).toContain("the shell 42 answers");
    pty.forget();
    pty.type("fg\r");
    await pty.sees("lobby › half");
    pty.type(" and half\r");
    await vi.waitFor(() => expect(hub.log).toMatchObject([{ text: "half and half" }]), { timeout: 10_000 });
    pty.type("\u0003");
    await pty.sees("READY>");
    await isGivenBack(pty);
  },
);

test("a paste is one message, not a command", async () => {
  const { hub, pty } = await shell();
  pty.type("hubbub chat lobby --line --guest\r");
  await pty.sees("lobby › ");
  pty.type("\u001b[200~.leave {\r  margin: 0\r}\r.quit\r\u001b[201~");
  await pty.sees("⏎}⏎.quit");
  pty.type("\r");
  await vi.waitFor(() => expect(hub.log).toMatchObject([{ text: ".leave {\n  margin: 0\n}\n.quit" }]), {
    timeout: 10_000,
  });
  pty.type(".quit\r");
  await pty.sees("READY>");
});

test.each([
  [
    "a fault of the program",
    `NODE_OPTIONS='--import "data:text/javascript,setTimeout(()=>{throw(new(Error))},3000)"'`,
    undefined,
    1,
    "--line",
  ],
  ["SIGTERM", "", "SIGTERM", 0, "--line"],
  ["SIGHUP", "", "SIGHUP", 0, "--line"],
  ["SIGHUP in the full screen", "NO_COLOR=1", "SIGHUP", 0, ""],
] as const)("the terminal is given back after %s", async (_what, env, signal, code, mode) => {
  const { pty } = await shell();
  pty.type(
    `${env} sh -c 'echo "process $$;"; exec ${process.execPath} ${HUBBUB} chat lobby ${mode} --guest'; echo "ended $?"\r`,
  );
  await pty.sees("lobby ›");
  if (mode === "") expect(pty.seen).not.toContain("\u001b[32m");
  const pid = Number(/process (\d+);/.exec(pty.seen)?.[1]);
  if (signal !== undefined) process.kill(pid, signal);
  await pty.sees(`ended ${code}`);
  expect(drawn(pty, 80, 24).modes).not.toContain("?1049");
  await isGivenBack(pty);
});

test("a connection of ssh that is cut ends the full screen, which has saved the typed line", async () => {
  const configHome = await mkdtemp(join(tmpdir(), "hubbub-cli-"));
  onTestFinished(() => rm(configHome, { recursive: true, force: true }));
  const { server, pty } = await shell({ XDG_CONFIG_HOME: configHome, HUBBUB_PASSWORD: "a kettle for all tea" });
  pty.type(`hubbub signup ada && sh -c 'echo "process $$;"; exec ${process.execPath} ${HUBBUB} chat lobby'\r`);
  await pty.sees("● connected");
  const pid = Number(/process (\d+);/.exec(pty.seen)?.[1]);
  pty.type("half a line");
  await pty.sees("half a line");
  await pty.close();
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), { timeout: 15_000, interval: 50 });
  const typed = await readFile(join(configHome, "hubbub/profiles/default/typed.json"), "utf8");
  expect(JSON.parse(typed)[`${server} ${ADA.id}`][LOBBY.id].text).toBe("half a line");
});

test("TERM=dumb: lines in, lines out, no cursor codes", async () => {
  const { hub, pty } = await shell({ TERM: "dumb" });
  pty.forget();
  pty.type("hubbub chat lobby --line --guest\r");
  await pty.sees("lobby: .usage shows the commands");
  pty.type("hello\r");
  await pty.sees("ada  hello");
  expect(hub.log).toMatchObject([{ text: "hello" }]);
  pty.type("\u0003");
  await pty.sees("READY>");
  expect(pty.seen).not.toContain("\u001b");
});

test("pipes, signals and an empty HUBBUB_SERVER", async () => {
  const { hub, server } = await listening();
  const configHome = await mkdtemp(join(tmpdir(), "hubbub-cli-"));
  onTestFinished(() => rm(configHome, { recursive: true, force: true }));
  const bash = (script: string, env: Record<string, string> = {}) =>
    run("bash", ["--norc", "--noprofile", "-c", `hubbub() { "${process.execPath}" "${HUBBUB}" "$@"; }; ${script}`], {
      env: { PATH: process.env["PATH"], BASH_ENV: "", XDG_CONFIG_HOME: configHome, HUBBUB_SERVER: server, ...env },
      timeout: 30_000,
    });
  for (let index = 0; index < 500; index += 1) hub.say(`line ${index} ${"x".repeat(500)}`);
  const tail = await bash(`hubbub tail lobby --guest --json --since 0 | head -n 1; echo "\${PIPESTATUS[@]}"`);
  expect(tail.stdout).toMatch(/^\{.*"seq":1,.*\}\n0 0\n$/);
  expect(tail.stderr).toBe("");
  const talk = setInterval(() => hub.say("more"), 100);
  onTestFinished(() => clearInterval(talk));
  const chat = await bash(
    `hubbub chat lobby --guest < <(exec sleep 20 >/dev/null 2>&1) | head -n 1; echo "\${PIPESTATUS[@]}"`,
  );
  expect(chat).toEqual({ stdout: expect.stringMatching(/lobby.*\n0 0\n$/), stderr: "" });
  const full = await bash("hubbub help 2>&1 > /dev/full; echo $?");
  expect(full.stdout).toBe("hubbub: the output could not be written: ENOSPC: no space left on device, write\n1\n");
  const empty = await bash("hubbub rooms 2>&1 || true", { HUBBUB_SERVER: "" });
  expect(empty.stdout).toMatch(/(?:not logged in at|cannot reach) http:\/\/127\.0\.0\.1:8080/);
  const wrong = await bash("hubbub rooms 2>&1; echo $?", { HUBBUB_SERVER: "localhost:8080" });
  expect(wrong.stdout).toMatch(/^hubbub: HUBBUB_SERVER takes a URL like .*\n2\n$/);
});
