import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { vi } from "vitest";

const run = promisify(execFile);
let servers = 0;

/** A shell in a real terminal emulator, tmux, that nobody looks at. The tmux of the user is another one. */
export class Tmux {
  readonly #server: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: Readonly<Record<string, string>>) {
    servers += 1;
    this.#server = `hubbub-${process.pid}-${servers}`;
    this.#env = { PATH: process.env["PATH"], LANG: "C.UTF-8", PS1: "READY>", HISTFILE: "/dev/null", ...env };
  }

  async start(columns: number, rows: number): Promise<void> {
    const size = ["-x", `${columns}`, "-y", `${rows}`];
    await this.#tmux("new-session", "-d", ...size, "bash", "--norc", "--noprofile", "-i");
    await this.sees("READY>");
  }

  /** Text, as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", "--", text);
  }

  /** Keys by the names of tmux: `Enter`, `M-Down`, `C-c`. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }

  /** What is on the screen. `isStyled`: with its colours. */
  async screen(isStyled = false): Promise<string> {
    return this.#tmux("capture-pane", "-p", ...(isStyled ? ["-e"] : []));
  }

  /** A format of tmux, such as `#{alternate_on}`. */
  async ask(format: string): Promise<string> {
    return (await this.#tmux("display-message", "-p", format)).trim();
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  async paste(text: string): Promise<void> {
    await this.#tmux("set-buffer", "--", text);
    await this.#tmux("paste-buffer", "-p");
  }

  /** Waits until the screen shows it. */
  async sees(text: string | RegExp): Promise<void> {
    await vi.waitFor(
      async () => {
        const screen = await this.screen();
        const isThere = typeof text === "string" ? screen.includes(text) : text.test(screen);
        if (!isThere) throw new Error(`no ${text} in\n${screen}`);
      },
      { timeout: 20_000, interval: 50 },
    );
  }

  async close(): Promise<void> {
    await this.#tmux("kill-server").catch(() => undefined);
  }

  async #tmux(...argv: string[]): Promise<string> {
    const { stdout } = await run("tmux", ["-u", "-L", this.#server, "-f", "/dev/null", ...argv], { env: this.#env });
    return stdout;
  }
}
