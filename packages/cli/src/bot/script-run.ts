import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { TEXT_MAX_BYTES } from "@hubbub/protocol";

/** A text of the greatest length, with every character escaped, and what stands around it. */
const LINE_MAX = 8 * TEXT_MAX_BYTES;
const LOGGED_MAX = 2_000;

export interface ScriptCommand {
  readonly script: string;
  readonly args: readonly string[];
  /** What the script sees beside the environment of the bot. */
  readonly env: Readonly<Record<string, string>>;
  log(line: string): void;
}

interface RunEvents {
  /** A line of its output, without its end. */
  line(text: string): void;
  /** All lines are told. `fault`: why it did not end by itself with 0. */
  ended(fault: string | undefined): void;
}

/** One process of a script, in a group of its own, so that what it starts ends with it. */
export class ScriptRun {
  readonly #child: ChildProcessWithoutNullStreams;
  #fault: string | undefined;
  #isKilled = false;

  constructor({ script, args, env, log }: ScriptCommand, events: RunEvents) {
    // Of the bot's own login it may need the name, not the secrets.
    const { HUBBUB_PASSWORD: _, HUBBUB_CODE: __, ...inherited } = process.env;
    this.#child = spawn(script, args, { env: { ...inherited, ...env }, detached: true });
    const { stdin, stdout, stderr } = this.#child;
    let fault: string | undefined;
    // A script may end without reading; its end says so.
    stdin.on("error", () => undefined);
    this.#child.once("error", (error) => {
      fault = `cannot be run: ${error.message}`;
    });
    linesOf(stdout, events.line, () => this.#fail("printed a line that is too long"));
    linesOf(
      stderr,
      (line) => log(line.slice(0, LOGGED_MAX)),
      () => this.#fail("wrote a line to stderr that is too long"),
    );
    this.#child.once("close", (code, signal) => {
      this.#isKilled = true;
      if (code !== 0) fault ??= signal === null ? `ended with ${code}` : `was ended by ${signal}`;
      events.ended(this.#fault ?? fault);
    });
  }

  write(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Nothing more is written. */
  end(): void {
    this.#child.stdin.end();
  }

  kill(): void {
    const { pid } = this.#child;
    if (this.#isKilled || pid === undefined) return;
    this.#isKilled = true;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Its group has ended, or the system has none.
      this.#child.kill("SIGKILL");
    }
  }

  #fail(fault: string): void {
    this.#fault ??= fault;
    this.kill();
  }
}

/** `tooLong`: nothing more is told. */
function linesOf(stream: Readable, tell: (line: string) => void, tooLong: () => void): void {
  let open = 0;
  stream.on("data", (chunk: Buffer) => {
    const end = chunk.lastIndexOf("\n");
    open = end === -1 ? open + chunk.length : chunk.length - end - 1;
    if (open <= LINE_MAX) return;
    stream.destroy();
    tooLong();
  });
  createInterface({ input: stream, terminal: false }).on("line", tell);
}
