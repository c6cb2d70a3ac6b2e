import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { descendantsOf } from "./descendants.ts";
import { run } from "./run.ts";

export interface Launch {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** The command is `docker run` in the foreground: signals go to the container of this name. */
  readonly container?: string | undefined;
  /** What asks it to leave in good order, default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals | undefined;
  /** How long it may take to leave before it is killed, default 15 s. */
  readonly stopDeadlineMs?: number | undefined;
  /** Gets every chunk of output; without it only the last `keptOutputCharacters` are kept, for error messages. */
  readonly onOutput?: ((chunk: string) => void) | undefined;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One run of one program, in a process group of its own so that a Ctrl-C in the terminal is not also sent to it. */
export interface ServiceProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** null while it runs */
  readonly exit: Exit | null;
  /** The end of what it wrote. */
  readonly output: string;
  /** Sends a signal; SIGKILL, SIGSTOP and SIGCONT go to the whole process group. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Asks, waits for the deadline, then kills. Resolves when it is gone. */
  stop(): Promise<Exit>;
}

const keptOutputCharacters = 8_192;
const defaultStopDeadlineMs = 15_000;
const pauseSignals: ReadonlySet<NodeJS.Signals> = new Set(["SIGSTOP", "SIGCONT"]);
const groupSignals: ReadonlySet<NodeJS.Signals> = new Set(["SIGKILL", "SIGSTOP", "SIGCONT"]);
/** Killed with the process that started them, should it leave without stopping them. */
const running = new Set<RunningProcess>();
process.once("exit", () => {
  for (const { pid } of running) sendSignal(-pid, "SIGKILL");
});

/** @throws when the program cannot be started at all */
export async function startProcess(launch: Launch): Promise<ServiceProcess> {
  const child = spawn(launch.command, launch.args, {
    cwd: launch.cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    ...(launch.env === undefined ? {} : { env: launch.env }),
    ...(launch.uid === undefined ? {} : { uid: launch.uid }),
    ...(launch.gid === undefined ? {} : { gid: launch.gid }),
  });
  await once(child, "spawn");
  return new RunningProcess(child, launch);
}

class RunningProcess implements ServiceProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  exit: Exit | null = null;
  output = "";
  readonly #launch: Launch;

  constructor(child: ChildProcess, launch: Launch) {
    if (child.pid === undefined) throw new Error(`${launch.name} has no process id`);
    this.pid = child.pid;
    this.#launch = launch;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => this.#keep(chunk));
    }
    running.add(this);
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        running.delete(this);
        // Workers of a leader that was killed would keep its port.
        if (launch.container === undefined) sendSignal(-this.pid, "SIGKILL");
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    const { container } = this.#launch;
    if (container === undefined) {
      // Those that are paused would not notice that their parent is gone.
      const left = signal === "SIGKILL" ? await descendantsOf(this.pid) : [];
      sendSignal(groupSignals.has(signal) ? -this.pid : this.pid, signal);
      // The processes of Postgres each have a group of their own.
      if (pauseSignals.has(signal)) for (const pid of await descendantsOf(this.pid)) sendSignal(pid, signal);
      for (const pid of left) sendSignal(pid, "SIGCONT");
    } else if (signal === "SIGSTOP") await run("docker", ["pause", container]);
    else if (signal === "SIGCONT") await run("docker", ["unpause", container]);
    else await run("docker", ["kill", "--signal", signal, container]);
  }

  async stop(): Promise<Exit> {
    if (this.exit !== null) return this.exit;
    if (this.#launch.container === undefined) await this.signal("SIGCONT");
    await this.signal(this.#launch.stopSignal ?? "SIGTERM");
    const deadline = new AbortController();
    const killed = sleep(this.#launch.stopDeadlineMs ?? defaultStopDeadlineMs, undefined, {
      signal: deadline.signal,
    }).then(
      () => this.signal("SIGKILL"),
      () => undefined,
    );
    const exit = await this.exited;
    deadline.abort();
    await killed;
    return exit;
  }

  #keep(chunk: string): void {
    this.output = (this.output + chunk).slice(-keptOutputCharacters);
    this.#launch.onOutput?.(chunk);
  }
}

/** A process that is already gone is no error: it is what most signals are for. */
function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
