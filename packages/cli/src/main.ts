import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";
import { CliError, EXIT } from "./cli-error.ts";
import { colorsOf } from "./colors.ts";
import { imageProtocolOf } from "./images.ts";
import { run } from "./run.ts";

const DEFAULT_SERVER = "http://127.0.0.1:8080";
/** What a shell says of a process that ended by the signal. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const { env, stdin, stdout, stderr } = process;
const interrupted = new AbortController();
for (const [signal, exitCode] of Object.entries(SIGNALS)) {
  process.on(signal, () => {
    if (interrupted.signal.aborted) process.exit(exitCode);
    interrupted.abort(new CliError("interrupted", exitCode));
  });
}

const exitCode = await run(process.argv.slice(2), {
  server: env["HUBBUB_SERVER"] || DEFAULT_SERVER,
  serverFrom: env["HUBBUB_SERVER"] ? "HUBBUB_SERVER" : "",
  profile: env["HUBBUB_PROFILE"] || undefined,
  password: env["HUBBUB_PASSWORD"] || undefined,
  code: env["HUBBUB_CODE"] || undefined,
  configDir: configDir(env["XDG_CONFIG_HOME"]),
  stdin,
  stdout,
  stderr,
  colors: colorsOf(env, stdout.isTTY),
  isDumb: env["TERM"] === "dumb",
  images: imageProtocolOf(env),
  host: process,
  interrupted: interrupted.signal,
}).catch((error: unknown) => {
  // A fault of the program itself.
  console.error(error);
  return EXIT.failure;
});
// Requests that nobody waits for any more do not keep the process; what was written is written first.
stdout.write("", () => stderr.write("", () => process.exit(exitCode)));

/** A relative XDG_CONFIG_HOME is not looked at, as its specification has it. */
function configDir(xdgConfigHome = ""): string | undefined {
  if (isAbsolute(xdgConfigHome)) return join(xdgConfigHome, "hubbub");
  try {
    return join(homedir(), ".config", "hubbub");
  } catch {
    return undefined;
  }
}
