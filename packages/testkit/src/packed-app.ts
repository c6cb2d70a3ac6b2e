import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { eventually } from "./eventually.ts";
import { repositoryRoot } from "./paths.ts";

const run = promisify(execFile);

const TYPES = ["@types/react", "@types/react-dom", "csstype", "@types/node", "undici-types"];
const WIDTHS = ["string-width", "get-east-asian-width", "strip-ansi", "ansi-regex"];
const NEEDED = ["zod", "uuid", "ws", "react", "react-dom", ...WIDTHS, ...TYPES];

/** What a user gets: a folder with the packed packages and what they depend on, and nothing of this repository. */
export async function packApp(): Promise<string> {
  const app = await mkdtemp(join(tmpdir(), "hubbub-packed-"));
  const modules = join(app, "node_modules");
  for (const name of ["protocol", "client", "cli"]) {
    const folder = join(modules, "@hubbub", name);
    await mkdir(folder, { recursive: true });
    const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", app], {
      cwd: join(repositoryRoot, "packages", name),
    });
    await run("tar", ["xzf", join(app, stdout.trim()), "--strip-components=1", "-C", folder]);
  }
  for (const name of NEEDED) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(repositoryRoot, "node_modules", name), join(modules, name));
  }
  await writeFile(join(app, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  return app;
}

/** Runs a script of `examples/bots` to its end. Resolves to what it printed. */
export async function runExample(app: string, name: string, env: Readonly<Record<string, string>>): Promise<string> {
  await copyExample(app, name);
  const options = { cwd: app, env: { PATH: process.env["PATH"], ...env }, timeout: 30_000 };
  return (await run(process.execPath, [`${name}.mjs`], options)).stdout;
}

/** A script of `examples/bots` as a process of its own. Resolves when it listens; answers how to stop it. */
export async function startBot(
  app: string,
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<() => Promise<void>> {
  await copyExample(app, name);
  const bot = spawn(process.execPath, [`${name}.mjs`], { cwd: app, env: { PATH: process.env["PATH"], ...env } });
  let output = "";
  bot.stderr.on("data", (data) => {
    output += data;
  });
  const ended = new Promise<void>((resolve) => bot.once("close", () => resolve()));
  const listens = () => {
    if (!output.includes("listening")) throw new Error(`${name} does not listen: ${output}`);
  };
  await eventually(listens, { timeoutMs: 30_000 });
  return async () => {
    bot.kill("SIGTERM");
    await ended;
  };
}

async function copyExample(app: string, name: string): Promise<void> {
  const source = await readFile(join(repositoryRoot, "examples/bots", `${name}.ts`), "utf8");
  await writeFile(join(app, `${name}.mjs`), (await transform(source, { loader: "ts" })).code);
}
