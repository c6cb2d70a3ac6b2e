import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "@hubbub/testkit";
import { parseAttackArguments, USAGE } from "./attack/arguments.ts";
import { toJson, toMarkdown } from "./attack/report.ts";
import { runAttack } from "./attack/run-attack.ts";

const EXIT = { held: 0, broken: 1, notRun: 2 } as const;

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = EXIT.notRun;
  console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error);
}
// Connections that the server holds must not keep the command.
process.exit();

async function main(): Promise<number> {
  const args = parseAttackArguments(process.argv.slice(2));
  if (args === "help") {
    console.log(USAGE);
    return EXIT.held;
  }
  const { url, only, out, isJson } = args;
  const results = await runAttack({ url, only, print: (line) => console.error(line) });
  if (results.length === 0) throw new UsageError(`no probe has ${JSON.stringify(only)} in its name`);
  const [markdown, json] = [toMarkdown(url, new Date(), results), toJson(url, new Date(), results)];
  console.log(isJson ? json : markdown);
  if (out !== undefined) {
    await mkdir(out, { recursive: true });
    await writeFile(join(out, "attack.md"), markdown);
    await writeFile(join(out, "attack.json"), json);
  }
  return results.some(({ verdict }) => verdict === "broken") ? EXIT.broken : EXIT.held;
}
