import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { repositoryRoot } from "./paths.ts";

/**
 * `npm test`: two vitest runs at a time. Tests with a whole cluster run one after the other and mostly wait; all others mostly
 * compute. So two cores have work to the end. With arguments, vitest runs once, with them.
 */
const others = ["unit", "house", "redis", "pg", "long", "browser"].flatMap((project) => ["--project", project]);
const runs = [
  { name: "clusters", options: ["--project", "cluster"] },
  { name: "others", options: others },
];

const vitest = join(repositoryRoot, "node_modules/vitest/vitest.mjs");
const given = process.argv.slice(2);
const startedAt = performance.now();

/** Its lines go through a pipe: two runs that both draw on one terminal would overwrite each other. */
async function run(name: string, options: readonly string[]): Promise<boolean> {
  const colors = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  const child = spawn(process.execPath, [vitest, "run", ...options], {
    cwd: repositoryRoot,
    env: { ...process.env, ...colors },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.pipe(process.stdout, { end: false });
  child.stderr.pipe(process.stderr, { end: false });
  const end = () => child.kill("SIGTERM");
  process.once("SIGTERM", end).once("SIGINT", end);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const outcome = code === 0 ? "passed" : `failed (${code === null ? `ended by ${signal}` : `exit code ${code}`})`;
  process.stdout.write(`\ntests of ${name}: ${outcome} after ${seconds} s\n`);
  return code === 0;
}

const wanted = given.length > 0 ? [{ name: given.join(" "), options: given }] : runs;
const passed = await Promise.all(wanted.map(({ name, options }) => run(name, options)));
process.exitCode = passed.every(Boolean) ? 0 : 1;
