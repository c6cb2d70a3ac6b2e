import { emitKeypressEvents, type Interface, type Key } from "node:readline";
import type { Environment } from "./environment.ts";

/** With these the terminal marks where a paste begins and ends. */
export const MARK_PASTES = "\u001b[?2004h";
export const NO_MARKS = "\u001b[?2004l";
/** A lone Escape is told from the beginning of another key by the time behind it. */
const ESCAPE_MS = 100;
/** A process that nobody could continue is not stopped by SIGTSTP: it goes on after this time. */
const NOT_STOPPED_MS = 100;

export interface TerminalEvents {
  key(text: string | undefined, key: Key): void;
  /** The program was stopped and goes on: what was drawn does not stand where it was. */
  resumed(): void;
  /** There is no more input. */
  ended(): void;
}

/** What is written when the terminal is taken, and when it is given back. */
export interface TerminalModes {
  readonly taken: string;
  readonly givenBack: string;
}

/** The keys of a terminal, one by one. Gives the terminal back as it was at the end, at a stop, and when the program dies. */
export class Terminal {
  readonly #env: Pick<Environment, "stdin" | "stdout" | "host">;
  readonly #events: TerminalEvents;
  readonly #modes: TerminalModes;
  #isStopping = false;

  constructor(
    env: Pick<Environment, "stdin" | "stdout" | "host">,
    events: TerminalEvents,
    modes: TerminalModes = { taken: MARK_PASTES, givenBack: NO_MARKS },
  ) {
    this.#env = env;
    this.#events = events;
    this.#modes = modes;
    const { stdin, host } = env;
    emitKeypressEvents(stdin, { escapeCodeTimeout: ESCAPE_MS } as unknown as Interface);
    stdin.on("keypress", this.#key).on("end", this.#ended).on("error", this.#ended);
    host.on("SIGCONT", this.#resume).on("exit", this.#giveBack);
    this.#take();
    stdin.resume();
  }

  /** As Ctrl-Z does elsewhere: stops all processes of the job, the one that started this program too. */
  stop(): void {
    this.#isStopping = true;
    this.#giveBack();
    this.#env.host.kill(0, "SIGTSTP");
    // When it was stopped, SIGCONT is told first and this finds nothing to do.
    setTimeout(() => setImmediate(() => this.#isStopping && this.#resume()), NOT_STOPPED_MS);
  }

  close(): void {
    const { stdin, host } = this.#env;
    stdin.off("keypress", this.#key).off("end", this.#ended);
    host.off("SIGCONT", this.#resume).off("exit", this.#giveBack);
    this.#isStopping = false;
    this.#giveBack();
    stdin.pause();
  }

  readonly #key = (text: string | undefined, key: Key): void => this.#events.key(text, key);

  readonly #ended = (): void => this.#events.ended();

  readonly #resume = (): void => {
    this.#isStopping = false;
    // The shell has set its own mode meanwhile, of which Node does not know.
    this.#env.stdin.setRawMode(false);
    this.#take();
    this.#events.resumed();
  };

  #take(): void {
    this.#env.stdin.setRawMode(true);
    this.#env.stdout.write(this.#modes.taken);
  }

  readonly #giveBack = (): void => {
    this.#env.stdout.write(this.#modes.givenBack);
    this.#env.stdin.setRawMode(false);
  };
}
