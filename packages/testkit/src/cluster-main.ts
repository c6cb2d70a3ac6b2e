import { type Cluster, startCluster } from "./cluster.ts";
import { parseClusterArguments, USAGE, UsageError } from "./cluster-arguments.ts";
import { describeEvent, welcome } from "./cluster-messages.ts";
import { PortTaken } from "./services/service.ts";

/** npm passes a Ctrl-C on to us although the terminal has sent it already: that is one wish, not two. */
const sameWishMs = 1_000;
const orphanCheckMs = 1_000;

// Data, keys and logs are for the account that runs the cluster.
process.umask(0o077);
try {
  await main();
} catch (error) {
  process.exitCode = 1;
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
  else if (error instanceof PortTaken) {
    console.error(
      `${error.message}.\nSee who has it with \`ss -ltnp\`, or choose another: npm run cluster -- --port 9090`,
    );
  } else console.error(error instanceof Error ? error.message : error);
}

async function main(): Promise<void> {
  const options = parseClusterArguments(process.argv.slice(2));
  if (options === null) {
    console.log(USAGE);
    return;
  }
  let cluster: Cluster | null = null;
  const wish = waitForStop(() => cluster !== null);
  cluster = await startCluster({
    ...options,
    superviseServices: true,
    onEvent: (event) => console.log(describeEvent(event)),
  });
  console.log(welcome(cluster, options.directory !== undefined));
  console.log(`\n${await wish}: stopping`);
  await cluster.stop();
  console.log("stopped, nothing is left running");
  process.exit();
}

/** Resolves with why to stop. A cluster that is still starting, or a second wish, ends the process: nothing survives it. */
function waitForStop(isUp: () => boolean): Promise<string> {
  return new Promise((resolve) => {
    let wishedAt = Number.NEGATIVE_INFINITY;
    const stop = (why: string) => {
      const again = performance.now() - wishedAt;
      if (again < sameWishMs) return;
      if (!isUp() || again < Number.POSITIVE_INFINITY) process.exit(130);
      wishedAt = performance.now();
      resolve(why);
    };
    process.on("SIGINT", () => stop("Ctrl-C"));
    process.on("SIGTERM", () => stop("SIGTERM"));
    process.on("SIGHUP", () => stop("the terminal was closed"));
    // An npm that is killed passes nothing on.
    const { ppid: parent, env } = process;
    const { npm_lifecycle_event: startedByNpm } = env;
    const check = () => {
      if (process.ppid !== parent) stop("npm has ended");
    };
    if (startedByNpm !== undefined) setInterval(check, orphanCheckMs).unref();
  });
}
