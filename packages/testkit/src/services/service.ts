import { eventually } from "../eventually.ts";
import { freePort, isPortFree } from "./free-port.ts";
import { type Exit, type Launch, type ServiceProcess, startProcess } from "./service-process.ts";

/** A program that listens on a port and can be stopped, killed, paused and started again at the same address. */
export interface Service extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** Of the present run. */
  readonly pid: number;
  /** Of the present run. */
  readonly exited: Promise<Exit>;
  /** The end of what the present run wrote. */
  readonly output: string;
  /** Sends a signal that ends it, SIGKILL by default, and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP to the whole process group: it hangs, its connections stay. */
  pause(): Promise<void>;
  continue(): Promise<void>;
  /** Stops it if it runs, and starts it again on the same port with the same data. */
  restart(): Promise<void>;
  /** Sends a signal without waiting for anything. */
  signal(signal: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

export interface ServiceSpec {
  readonly name: string;
  /** A given port is used or refused; without one, any free port. */
  readonly port?: number | undefined;
  /** Runs before every start. */
  prepare?(port: number): Promise<void>;
  launch(port: number): Launch;
  /** Throws until the service answers. */
  probe(port: number, pid: number): Promise<void>;
  /** Runs when it has stopped for good. */
  cleanUp?(): Promise<void>;
}

const startDeadlineMs = 60_000;
const portAttempts = 5;
const portTaken = /address (already )?in use|EADDRINUSE|could not bind|port is already allocated/i;

/** @throws with the end of the program's output when it does not come up */
export function startService(spec: ServiceSpec): Promise<Service> {
  return bringUp(spec).catch(async (error: unknown) => {
    await spec.cleanUp?.();
    throw error;
  });
}

async function bringUp(spec: ServiceSpec): Promise<Service> {
  for (let attempt = 1; ; attempt += 1) {
    const port = spec.port ?? (await freePort());
    if (spec.port !== undefined && !(await isPortFree(port))) {
      throw new PortTaken(`port ${port} for ${spec.name} is taken by another program`);
    }
    await spec.prepare?.(port);
    const run = await startProcess(spec.launch(port));
    const failure = await waitUntilUp(spec, run, port);
    if (failure === null) return new PortService(spec, port, run);
    await run.stop();
    if (spec.port !== undefined || attempt === portAttempts || !portTaken.test(run.output)) throw failure;
  }
}

export class PortTaken extends Error {
  override readonly name = "PortTaken";
}

/** Null when it is up. Loses no time on a program that has died. */
async function waitUntilUp(spec: ServiceSpec, run: ServiceProcess, port: number): Promise<Error | null> {
  const died = new AbortController();
  const exited = run.exited.then((exit) => {
    died.abort();
    const how = exit.signal ?? `code ${exit.code}`;
    return new Error(`${spec.name} ended with ${how} while starting:\n${run.output}`);
  });
  const up = eventually(() => spec.probe(port, run.pid), { timeoutMs: startDeadlineMs, signal: died.signal }).then(
    () => (run.exit === null ? null : exited),
    (cause: unknown) =>
      run.exit === null ? new Error(`${spec.name} did not come up:\n${run.output}`, { cause }) : exited,
  );
  return Promise.race([up, exited]);
}

class PortService implements Service {
  readonly name: string;
  readonly port: number;
  readonly #spec: ServiceSpec;
  #run: ServiceProcess;

  constructor(spec: ServiceSpec, port: number, run: ServiceProcess) {
    this.name = spec.name;
    this.port = port;
    this.#spec = spec;
    this.#run = run;
  }

  get pid(): number {
    return this.#run.pid;
  }

  get exited(): Promise<Exit> {
    return this.#run.exited;
  }

  get output(): string {
    return this.#run.output;
  }

  signal(signal: NodeJS.Signals): Promise<void> {
    return this.#run.signal(signal);
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await this.#run.signal(signal);
    await this.#run.exited;
  }

  pause(): Promise<void> {
    return this.#run.signal("SIGSTOP");
  }

  continue(): Promise<void> {
    return this.#run.signal("SIGCONT");
  }

  async restart(): Promise<void> {
    await this.#run.stop();
    this.#run = await startProcess(this.#spec.launch(this.port));
    const failure = await waitUntilUp(this.#spec, this.#run, this.port);
    if (failure !== null) throw failure;
  }

  async stop(): Promise<void> {
    await this.#run.stop();
    await this.#spec.cleanUp?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
