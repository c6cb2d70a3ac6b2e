import { EventEmitter } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import { toStoredTokens } from "@hubbub/client";
import { beforeAll, onTestFinished, vi } from "vitest";
import { Credentials } from "../src/credentials.ts";
import type { Environment } from "../src/environment.ts";
import { DEFAULT_PROFILE, Profiles } from "../src/profiles.ts";
import { run } from "../src/run.ts";
import { FakeHub, TOKENS } from "./fake-hub.ts";
import { Grid } from "./grid.ts";

/** What is drawn comes late on a busy machine. */
const PATIENCE = { timeout: 10_000 };

// The first test does not wait for it: on a busy machine that takes longer than the screen of a test may.
beforeAll(async () => void (await import("../src/tui/full-screen.ts")));

/** The chat of ada in the full screen of a terminal, against a server of two rooms. */
export class FakeScreen {
  readonly hub: FakeHub;
  readonly grid: Grid;
  readonly exitCode: Promise<number>;
  /** Everything that the terminal got. */
  raw = "";
  /** What was printed beside the screen. */
  err = "";
  readonly #stdin = new PassThrough();
  readonly #stdout: Writable;
  readonly #interrupted = new AbortController();

  constructor(hub: FakeHub, server: string, configDir: string, grid: Grid, argv: readonly string[]) {
    this.hub = hub;
    this.grid = grid;
    this.#stdout = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        this.raw += chunk;
        grid.write(chunk);
        done();
      },
    });
    const stdin = Object.assign(this.#stdin, { isTTY: true, setRawMode: () => stdin }) as unknown as ReadStream;
    const size = { isTTY: true, columns: grid.columns, rows: grid.rows };
    const stderr = new PassThrough();
    stderr.on("data", (chunk) => {
      this.err += chunk;
    });
    this.exitCode = run(["chat", ...argv], {
      server,
      serverFrom: "HUBBUB_SERVER",
      password: undefined,
      code: undefined,
      configDir,
      stdin,
      stdout: Object.assign(this.#stdout, size) as unknown as WriteStream,
      stderr: stderr as unknown as WriteStream,
      colors: "none",
      isDumb: false,
      host: Object.assign(new EventEmitter(), { kill: () => true }) as unknown as Environment["host"],
      interrupted: this.#interrupted.signal,
    });
  }

  /** Keys as a terminal sends them. */
  type(keys: string): void {
    this.#stdin.write(keys);
  }

  interrupt(reason: unknown): void {
    this.#interrupted.abort(reason);
  }

  resize(columns: number, rows: number): void {
    Object.assign(this.grid, { columns, rows });
    Object.assign(this.#stdout, { columns, rows });
    this.#stdout.emit("resize");
  }

  /** Waits until the screen shows it. */
  async sees(text: string | RegExp): Promise<void> {
    await vi.waitFor(() => {
      const isThere = typeof text === "string" ? this.grid.text.includes(text) : text.test(this.grid.text);
      if (!isThere) throw new Error(`no ${text} in\n${this.grid.text}${this.err}`);
    }, PATIENCE);
  }

  async quit(): Promise<number> {
    this.type("\u0003");
    return this.exitCode;
  }
}

interface Wish {
  readonly hub?: FakeHub;
  readonly grid?: Grid;
  readonly argv?: readonly string[];
  readonly configDir?: string;
}

/** `configDir`: of an earlier run. */
export async function openScreen(wish: Wish = {}): Promise<FakeScreen & { configDir: string }> {
  const { hub = new FakeHub(), grid = new Grid(110, 24), argv = ["lobby"] } = wish;
  const configDir = wish.configDir ?? (await mkdtemp(join(tmpdir(), "hubbub-cli-")));
  const server = hub.url ?? (await hub.listen());
  await new Credentials(new Profiles(configDir).folderOf(DEFAULT_PROFILE), server).save(toStoredTokens(TOKENS));
  const screen = Object.assign(new FakeScreen(hub, server, configDir, grid, argv), { configDir });
  onTestFinished(async () => {
    await screen.quit();
    await hub.close();
    await rm(configDir, { recursive: true, force: true });
  });
  await screen.sees("● connected");
  return screen;
}
