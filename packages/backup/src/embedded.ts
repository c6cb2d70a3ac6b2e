import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createEmbeddedStore, type EmbeddedDatabase } from "@hubbub/store";
import type { TakenDatabase } from "./backup.ts";
import { FACTS, type Facts } from "./facts.ts";
import { openPart } from "./fetch.ts";
import { pack } from "./pack.ts";
import type { OpenDatabase, RestoreMeans } from "./restore.ts";
import type { Seal } from "./seal.ts";

const DATABASE = "database.tar.gz";
const OWNER_ONLY = 0o700;

/** Of an embedded database, at a moment in which it does nothing else. */
export async function takeEmbedded(
  database: Pick<EmbeddedDatabase, "dump">,
  folder: string,
  seal: Seal,
): Promise<TakenDatabase> {
  const { image, facts } = await database.dump<Facts>(FACTS);
  const [known] = facts;
  if (known === undefined) throw new Error("the statement returned no row");
  const packed = await pack(Readable.fromWeb(image.stream()), join(folder, DATABASE), seal);
  return { packed, facts: known, wal: null, byHand: byHandOf(packed.name) };
}

function byHandOf(name: string): string[] {
  const isSealed = name.endsWith(".age");
  return [
    ...(isSealed ? [`age -d -i IDENTITY ${name} > ${DATABASE}`] : []),
    `mkdir -m 700 postgres && tar -xzf ${DATABASE} -C postgres`,
    "put postgres, the files of keys.json.gz (base64) and, below files/content, the objects of files/ into DATA_DIR",
    "start the server of the same version",
  ];
}

export const embeddedMeans: RestoreMeans = {
  kind: "embedded",
  lacks: async () => [],
  endOf: async (_objects, { takenAt }) => new Date(takenAt),

  async open({ catalogue, identity, into, folder, steps }): Promise<OpenDatabase> {
    const dataDir = join(into, "postgres");
    const image = join(folder, "database.tar");
    const store = await steps.run("unpack", async () => {
      await pipeline(
        Readable.from(openPart(catalogue.database, folder, identity)),
        createWriteStream(image, { mode: 0o600, flags: "wx" }),
      );
      await mkdir(dataDir, { mode: OWNER_ONLY });
      return await createEmbeddedStore({ dataDir, image });
    });
    await rm(image);
    try {
      await steps.run("migrate", () => store.migrate());
      await store.assertSchema();
    } catch (error) {
      await store[Symbol.asyncDispose]();
      throw error;
    }
    return {
      store,
      url: null,
      at: new Date(catalogue.takenAt),
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  },

  async adopt({ store }, how) {
    const { generation, rooms, sessions } = await store.cluster.adopt(how);
    return `generation ${generation}: ${rooms} rooms are numbered anew, ${sessions} sessions ended`;
  },
};
