import type { ReadStream, WriteStream } from "node:tty";
import type { Colors } from "./colors.ts";
import { harmlessLine } from "./harmless.ts";
import type { ImageProtocol } from "./images.ts";

/** What the program stands in; `main.ts` alone reads it from the process. */
export interface Environment {
  readonly server: string;
  /** What named the server, for messages; "" where nothing did. */
  readonly serverFrom: string;
  /** HUBBUB_PASSWORD. */
  readonly password: string | undefined;
  /** HUBBUB_CODE. */
  readonly code: string | undefined;
  /** HUBBUB_PROFILE; for commands, the profile that they use. */
  readonly profile?: string | undefined;
  /** Folder of the profiles; for commands, that of their profile. undefined when there is no home folder. */
  readonly configDir: string | undefined;
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
  readonly colors: Colors;
  /** A terminal that can only print: no cursor codes. */
  readonly isDumb: boolean;
  /** How the terminal takes images; absent where it is not known to do so. */
  readonly images?: ImageProtocol | undefined;
  readonly host: Pick<NodeJS.Process, "on" | "off" | "kill">;
  /** Aborted by SIGINT, SIGTERM and SIGHUP, and when nobody reads the output any more; the reason is a `CliError`. */
  readonly interrupted: AbortSignal;
}

/** One line for the user, beside the output. Whatever others wrote in it cannot drive the terminal. */
export function tell(env: Pick<Environment, "stderr">, line: string): void {
  env.stderr.write(`${harmlessLine(line)}\n`);
}
