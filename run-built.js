// `node run-built.js FILE [arguments]`: builds, then becomes the program FILE. One process from start to end, so that the
// signals that npm passes on reach the program, which a shell between the two would keep for itself.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [node, , file] = process.argv;
if (!existsSync("node_modules")) {
  process.stderr.write("Nothing is installed yet. Run first: npm ci\n");
  process.exit(1);
}
process.stderr.write("Building (the first time takes a minute or so) …\n");
const { status } = spawnSync("npm run -s build -- --quiet", { stdio: "inherit", shell: true });
if (status !== 0) process.exit(status ?? 1);
process.argv = [node, file, ...process.argv.slice(3)];
process.setSourceMapsEnabled(true);
await import(pathToFileURL(file).href);
