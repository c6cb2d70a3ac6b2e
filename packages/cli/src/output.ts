import { CliError, EXIT } from "./cli-error.ts";
import type { Environment } from "./environment.ts";

/** The reader of a pipe has seen enough (`| head`), or the terminal is gone. */
const READER_GONE = new Set(["EPIPE", "EIO", "ERR_STREAM_DESTROYED"]);

/**
 * Aborted when the output can take no more: quietly and with exit code 0 when its reader is gone, as everything else that
 * was to be done is done.
 */
export function watchOutput({ stdout, stderr }: Pick<Environment, "stdout" | "stderr">): AbortSignal {
  const ended = new AbortController();
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (READER_GONE.has(error.code ?? "")) ended.abort(new CliError("", EXIT.ok));
    else ended.abort(new CliError(`the output could not be written: ${error.message}`));
  });
  // Nobody is left to be told.
  stderr.on("error", () => undefined);
  return ended.signal;
}

/** Everything that was printed has been taken, or `output`, the signal of `watchOutput`, is aborted. @throws its reason */
export async function assertWritten(stdout: Environment["stdout"], output: AbortSignal): Promise<void> {
  // The error of a write is told behind its callback.
  if (!output.aborted) await new Promise<void>((resolve) => stdout.write("", () => setImmediate(resolve)));
  output.throwIfAborted();
}
