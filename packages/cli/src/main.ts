import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { CliError } from "./cli-error.ts";
import { run } from "./run.ts";

const DEFAULT_SERVER = "http://127.0.0.1:8080";
const { env, stdin, stdout, stderr } = process;
const interrupted = new AbortController();
const interrupt = (): void => interrupted.abort(new CliError("interrupted"));
process.once("SIGINT", interrupt).once("SIGTERM", interrupt);

process.exitCode = await run(process.argv.slice(2), {
  server: env["HUBBUB_SERVER"] ?? DEFAULT_SERVER,
  password: env["HUBBUB_PASSWORD"],
  configDir: join(env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "hubbub"),
  stdin,
  stdout,
  stderr,
  isColored: stdout.isTTY && env["NO_COLOR"] === undefined,
  interrupted: interrupted.signal,
});
