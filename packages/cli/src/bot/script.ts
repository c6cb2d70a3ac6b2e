import { Deferred } from "./deferred.ts";
import { type ScriptCommand, ScriptRun } from "./script-run.ts";

/** Lines and characters of one answer. */
const LINES_MAX = 20;
const ANSWER_MAX = 256 * 1_024;

/** The script did not answer an event. */
export class ScriptFault extends Error {}

export interface Script {
  /** The lines that the script prints for an event. @throws ScriptFault */
  answer(event: string): Promise<readonly string[]>;
  /** Ends all processes of it. */
  close(): void;
}

/** One process for all events, one after the other; an empty line ends an answer. */
export class LongScript implements Script {
  readonly #command: ScriptCommand;
  readonly #timeoutMs: number;
  #run: ScriptRun | undefined;
  #exchange: Exchange | undefined;
  #before: Promise<unknown> = Promise.resolve();

  constructor(command: ScriptCommand, timeoutMs: number) {
    this.#command = command;
    this.#timeoutMs = timeoutMs;
  }

  answer(event: string): Promise<readonly string[]> {
    const answer = this.#before.then(() => this.#ask(event));
    this.#before = answer.catch(() => undefined);
    return answer;
  }

  close(): void {
    this.#run?.kill();
  }

  async #ask(event: string): Promise<readonly string[]> {
    const run = this.#run ?? this.#start();
    this.#run = run;
    const exchange = new Exchange(run, this.#timeoutMs, "no empty line ended its answer");
    this.#exchange = exchange;
    run.write(event);
    try {
      return await exchange.lines;
    } catch (error) {
      this.#run = undefined;
      throw error;
    } finally {
      this.#exchange = undefined;
    }
  }

  /** What a process says that was given up is not heard. */
  #start(): ScriptRun {
    const run: ScriptRun = new ScriptRun(this.#command, {
      line: (text) => {
        if (this.#run !== run) return;
        if (this.#exchange === undefined) this.#command.log(`what it prints unasked is not sent: ${text}`);
        else if (text === "") this.#exchange.finish();
        else this.#exchange.add(text);
      },
      ended: (fault) => {
        if (this.#run !== run) return;
        this.#run = undefined;
        this.#exchange?.ended(fault);
      },
    });
    return run;
  }
}

/** A process for each event, some at once; its end ends the answer. */
export class ScriptPerEvent implements Script {
  readonly #command: ScriptCommand;
  readonly #timeoutMs: number;
  readonly #runs = new Set<ScriptRun>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(command: ScriptCommand, timeoutMs: number, parallel: number) {
    this.#command = command;
    this.#timeoutMs = timeoutMs;
    this.#free = parallel;
  }

  async answer(event: string): Promise<readonly string[]> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#ask(event);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  close(): void {
    for (const run of this.#runs) run.kill();
  }

  async #ask(event: string): Promise<readonly string[]> {
    const run: ScriptRun = new ScriptRun(this.#command, {
      line: (text) => text !== "" && exchange.add(text),
      ended: (fault) => exchange.ended(fault),
    });
    const exchange: Exchange = new Exchange(run, this.#timeoutMs, "it did not end");
    this.#runs.add(run);
    run.write(event);
    run.end();
    return exchange.lines.finally(() => this.#runs.delete(run));
  }
}

/** One event and the answer to it, within a time and a length. */
class Exchange {
  readonly lines: Promise<readonly string[]>;
  readonly #lines: string[] = [];
  readonly #settle: Deferred<readonly string[]> = new Deferred();
  readonly #run: ScriptRun;
  readonly #timer: ReturnType<typeof setTimeout>;
  #length = 0;

  constructor(run: ScriptRun, timeoutMs: number, late: string) {
    this.#run = run;
    this.lines = this.#settle.promise;
    this.#timer = setTimeout(() => this.#fail(`${late} within ${timeoutMs / 1_000} s`), timeoutMs);
  }

  add(line: string): void {
    this.#length += line.length;
    if (this.#lines.push(line) > LINES_MAX || this.#length > ANSWER_MAX)
      this.#fail(`an answer has at most ${LINES_MAX} lines and ${ANSWER_MAX} characters`);
  }

  finish(): void {
    clearTimeout(this.#timer);
    this.#settle.resolve(this.#lines);
  }

  ended(fault: string | undefined): void {
    if (fault === undefined) this.finish();
    else this.#fail(fault);
  }

  /** What it printed so far is not sent: another attempt gives it anew. */
  #fail(fault: string): void {
    clearTimeout(this.#timer);
    this.#settle.reject(new ScriptFault(fault));
    this.#run.kill();
  }
}
