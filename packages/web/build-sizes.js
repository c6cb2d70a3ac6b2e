import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const KIB = 1_024;
/** Compressed bytes that a browser loads before the login is shown, and before the chat is. */
const BOUNDS = { entry: 150 * KIB, chat: 300 * KIB };

/** @throws when the page that was built in `target` is above a bound. `output`: the chunks and assets of the build */
export async function checkSizes(target, output) {
  const chunks = output.filter(({ type }) => type === "chunk");
  const first = chunks.find(({ isEntry }) => isEntry);
  const chat = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith("/chat-screen.tsx"));
  if (first === undefined || chat === undefined)
    throw new Error("The page must have an entry and a script of the chat.");
  const styles = output.filter(({ fileName }) => fileName.endsWith(".css")).map(({ fileName }) => fileName);
  const entry = ["index.html", ...styles, ...withImports(first.fileName, chunks)];
  const files = { entry, chat: [...new Set([...entry, ...withImports(chat.fileName, chunks)])] };
  for (const [name, bound] of Object.entries(BOUNDS)) {
    const bytes = await compressed(target, files[name]);
    if (bytes > bound)
      throw new Error(`The page loads ${bytes} compressed bytes for the ${name}, of at most ${bound}.`);
    if (!process.argv.includes("--quiet"))
      console.log(`${name}: ${(bytes / KIB).toFixed(1)} KiB compressed, of at most ${bound / KIB}`);
  }
}

/** A script and all that it imports before it runs. */
function withImports(fileName, chunks, seen = new Set()) {
  if (seen.has(fileName)) return seen;
  seen.add(fileName);
  for (const one of chunks.find((chunk) => chunk.fileName === fileName)?.imports ?? []) withImports(one, chunks, seen);
  return seen;
}

async function compressed(target, files) {
  const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(join(target, file))).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}
