import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/**
 * A process of the bench that answers commands over IPC: a server under test or a load generator. It ends when its
 * parent does.
 */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** @throws with the child's message when the command failed there, or when the child ended */
  ask<Answer>(command: string, argument: unknown): Promise<Answer>;
}

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly fault?: string;
}

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const STOP_DEADLINE_MS = 5_000;

/** `entry`: a compiled module, as a URL relative to the caller's. */
export function startChild(entry: URL): Child {
  const child = fork(entry, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${entry.pathname} did not start`);
  const waiting = new Map<number, Asked>();
  let nextId = 0;
  child.on("message", (message) => {
    const { id, value, fault } = message as Reply;
    const asked = waiting.get(id);
    waiting.delete(id);
    if (fault === undefined) asked?.resolve(value);
    else asked?.reject(new Error(fault));
  });
  child.on("exit", (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`${entry.pathname} ended with ${signal ?? code}`));
    waiting.clear();
  });
  return {
    pid,
    ask: <Answer>(command: string, argument: unknown) =>
      new Promise<Answer>((resolve, reject) => {
        const id = nextId++;
        waiting.set(id, { resolve: (value) => resolve(value as Answer), reject });
        child.send({ id, command, argument });
      }),
    [Symbol.asyncDispose]: () => stopProcess(child),
  };
}

/** SIGTERM, and SIGKILL for what is still there after five seconds. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const deadline = setTimeout(() => child.kill("SIGKILL"), STOP_DEADLINE_MS);
  await ended;
  clearTimeout(deadline);
}

type Answerer = (argument: never) => unknown;

/** The child's side of `ask`: one function for each command. */
export function answerParent(answerers: Readonly<Record<string, Answerer>>): void {
  process.on("disconnect", () => process.exit(0));
  process.on("message", (message) => {
    const { id, command, argument } = message as { id: number; command: string; argument: never };
    const answer = async (): Promise<unknown> => answerers[command]?.(argument);
    answer().then(
      (value) => process.send?.({ id, value }),
      (error: unknown) => process.send?.({ id, fault: error instanceof Error ? error.message : String(error) }),
    );
  });
}
