import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { vi } from "vitest";

/** A shell with job control in a terminal of its own, made by `script` of util-linux. */
export class Pty {
  readonly #script: ChildProcess;
  #seen = "";

  constructor(env: Record<string, string>) {
    this.#script = spawn("script", ["-qfec", "bash --norc --noprofile -i", "/dev/null"], {
      env: { PATH: process.env["PATH"] ?? "", TERM: "xterm", PS1: "READY>", HISTFILE: "/dev/null", ...env },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#script.once("error", (error) => {
      this.#seen += `these tests need script of util-linux: ${error.message}`;
    });
    this.#script.stdout?.on("data", (chunk: Buffer) => {
      this.#seen += chunk.toString();
    });
  }

  /** What the terminal got since `forget`. */
  get seen(): string {
    return this.#seen;
  }

  forget(): void {
    this.#seen = "";
  }

  type(text: string): void {
    this.#script.stdin?.write(text);
  }

  /** Waits until the terminal has got this. */
  async sees(text: string | RegExp): Promise<void> {
    await vi.waitFor(
      () => {
        const isThere = typeof text === "string" ? this.#seen.includes(text) : text.test(this.#seen);
        if (!isThere) throw new Error(`no ${text} in ${JSON.stringify(this.#seen.slice(-2_000))}`);
      },
      { timeout: 15_000, interval: 50 },
    );
  }

  /** Runs a command of the shell to its end; `seen` is then what it answered. */
  async ask(command: string): Promise<void> {
    this.forget();
    this.type(`${command}\r`);
    await this.sees("READY>");
  }

  /** As when the window is closed. */
  async close(): Promise<void> {
    const isRunning = this.#script.exitCode === null && this.#script.signalCode === null;
    const ended = isRunning ? once(this.#script, "exit") : undefined;
    this.#script.kill("SIGKILL");
    await ended;
  }
}
