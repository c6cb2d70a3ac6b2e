import { arch, cpus, platform, totalmem, version } from "node:os";
import { run, succeeds } from "@hubbub/testkit";

const gibi = 1_073_741_824;

/** What a report was made on. */
export async function machine(): Promise<string[]> {
  const [cpu] = cpus();
  const programs = [
    ["redis-server", "--version"],
    ["postgres", "--version"],
    ["psql", "--version"],
  ] as const;
  const versions = await Promise.all(
    programs.map(async ([command, option]) =>
      (await succeeds(command, [option])) ? [(await run(command, [option])).split("\n", 1).join("")] : [],
    ),
  );
  return [
    `- ${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / gibi)} GiB, ${platform()} ${arch()}, ${version()}`,
    `- Node ${process.versions.node}; everything on one machine, over the loopback interface`,
    ...versions.flat().map((text) => `- ${text}`),
  ];
}
