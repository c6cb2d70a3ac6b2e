import { mkdir } from "node:fs/promises";
import { createTestDatabase, type PostgresService, startPostgres } from "@hubbub/testkit";
import { type HubbubProcess, OWN_ROOT, runHubbubCommand } from "../../hubbub-process.ts";
import { type Child, startChild } from "../measure/child.ts";
import type { ProcessGroup } from "../measure/process-usage.ts";
import { type Hubbub, startHubbub } from "../under-test/hubbub.ts";

/** A cluster of one build, with a Postgres of its own: what its index and vacuum do later is counted for it alone. */
export interface BuildUnderTest extends AsyncDisposable {
  readonly hubbub: Hubbub;
  readonly gateways: readonly [HubbubProcess, HubbubProcess];
  readonly postgres: ProcessGroup;
  /** Appends to a database of its own, beside the cluster. */
  readonly appender: Child;
}

/** `root`: directory of the build, null: this one. */
export async function startBuild(directory: string, root: string | null): Promise<BuildUnderTest> {
  await mkdir(directory, { recursive: true });
  const started: AsyncDisposable[] = [];
  const use = <Thing extends AsyncDisposable>(thing: Thing): Thing => {
    started.push(thing);
    return thing;
  };
  const close = async (): Promise<void> => {
    for (const thing of started.splice(0).reverse()) await thing[Symbol.asyncDispose]();
  };
  try {
    const postgres = use(await startPostgres());
    const at = root ?? OWN_ROOT;
    const hubbub = use(await startHubbub({ postgres, directory }, { gateways: 2, writers: 0, root: at }));
    const [first, second] = hubbub.gateways;
    if (first === undefined || second === undefined) throw new Error("two gateways were asked for");
    const appender = use(await startAppender(postgres, at, use));
    const { postgres: group } = hubbub;
    return { hubbub, gateways: [first, second], postgres: group, appender, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startAppender(
  postgres: PostgresService,
  root: string,
  use: <Thing extends AsyncDisposable>(thing: Thing) => Thing,
): Promise<Child> {
  const database = use(await createTestDatabase(postgres.url));
  await runHubbubCommand(["migrate"], { DATABASE_URL: database.url }, root);
  const appender = startChild(new URL("append-main.js", import.meta.url));
  await appender.ask("open", { root, url: database.url });
  return appender;
}
