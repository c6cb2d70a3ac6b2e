import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { provide } from "./provide.ts";

/** Nothing of it reaches for the network beyond the page. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A headless Chromium of this machine, installed by apt where that can be. @throws one sentence that says what to do */
export async function startChromium(): Promise<Browser> {
  const program = await provide({
    title: "Chromium",
    binaries: ["chromium"],
    directories: ["/usr/bin"],
    aptPackage: "chromium",
  });
  if (program.kind === "container") throw new Error("Chromium runs on this machine or not at all");
  return await chromium.launch({ executablePath: join(program.directory, "chromium"), args: flags });
}
