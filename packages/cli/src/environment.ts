import type { ReadStream, WriteStream } from "node:tty";

/** What the program stands in; `main.ts` alone reads it from the process. */
export interface Environment {
  readonly server: string;
  /** HUBBUB_PASSWORD. */
  readonly password: string | undefined;
  /** Folder of the credentials file. */
  readonly configDir: string;
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
  readonly isColored: boolean;
  /** Aborted by SIGINT and SIGTERM. */
  readonly interrupted: AbortSignal;
}
