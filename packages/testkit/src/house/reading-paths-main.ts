import { join } from "node:path";
import { repositoryRoot } from "../paths.ts";
import { countPath, pathFaults, readLines } from "./path-lines.ts";
import { readingPaths } from "./reading-paths.ts";

/** Prints how much code there is to read on each path. Fails above a limit. */
const code = await readLines(join(repositoryRoot, "packages"));
for (const path of readingPaths) {
  const count = countPath(path, code);
  console.log(`${path.name}: ${count.lines} lines in ${count.files} files, at most ${path.maxLines}`);
  for (const fault of pathFaults(path, count)) {
    console.error(fault);
    process.exitCode = 1;
  }
}
