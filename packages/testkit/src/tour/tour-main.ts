import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, startCluster } from "../cluster.ts";
import { secretsFile } from "../cluster-env.ts";
import { describeEvent } from "../cluster-messages.ts";
import { repositoryRoot } from "../paths.ts";
import { openMailbox } from "./mailbox.ts";
import { Shell } from "./shell.ts";
import { readSteps } from "./tour.ts";
import { walk } from "./walk.ts";

const DOCUMENT = "docs/tour.md";
const MAILS = "mails.txt";
const ADMIN_TOKEN = "only-for-this-tour";

// Data, keys and logs are for the account that runs the cluster.
process.umask(0o077);
process.exitCode = await main();

async function main(): Promise<number> {
  const steps = readSteps(await readFile(join(repositoryRoot, DOCUMENT), "utf8"));
  const home = await mkdtemp(join(tmpdir(), "hubbub-tour-"));
  await using mailbox = await openMailbox(join(home, MAILS));
  await using cluster = await startCluster({
    gateways: 3,
    writers: 2,
    env: {
      SECRET_KEYS: `tour:${"A".repeat(43)}`,
      ADMIN_TOKEN,
      SMTP_URL: mailbox.url,
      MAIL_FROM: "Hubbub <tour@example.org>",
      // Of links in mails, and for passkeys: nobody opens it.
      PUBLIC_URL: "http://localhost:8080",
      // A script is faster than the people that these bounds are made for.
      PUBLISHES_PER_SECOND_PER_USER: "400",
      ACCOUNT_CHANGES_PER_MINUTE_PER_USER: "120",
    },
    onEvent: (event) => console.log(describeEvent(event)),
  });
  console.log(`Hubbub runs: ${cluster.url}`);
  const shell = new Shell(environment(cluster, home), home);
  try {
    return await walk(shell, steps, DOCUMENT);
  } finally {
    shell.close();
    await rm(home, { recursive: true, force: true });
  }
}

function environment(cluster: Cluster, home: string): NodeJS.ProcessEnv {
  return {
    PATH: `${join(repositoryRoot, "node_modules/.bin")}:${process.env["PATH"]}`,
    HOME: home,
    XDG_CONFIG_HOME: join(home, "config"),
    LANG: "C.UTF-8",
    SERVER: cluster.url,
    SECRETS: secretsFile(cluster.directory),
    PROJECT: repositoryRoot,
    MAILS: join(home, MAILS),
    ADMIN_TOKEN,
  };
}
