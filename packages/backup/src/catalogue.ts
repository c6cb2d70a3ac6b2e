import { z } from "zod";

/** Of the newest catalogue that this build can read. It writes the same. */
const FORMAT = 1;

const count = z.number().int().nonnegative();
const time = z.iso.datetime();

const part = z.object({
  /** Of the object in the folder of the backup. A restore makes a file of this name: it must not lead to any other path. */
  name: z.string().regex(/^[\w-][\w.-]{0,63}$/),
  bytes: count,
  /** Of the object as it is kept, compressed and sealed: it can be checked without a key. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Part = z.infer<typeof part>;

const catalogue = z.object({
  format: z.literal(FORMAT),
  id: z.string().regex(/^\d{8}T\d{6}Z-[0-9a-f]{4}$/),
  kind: z.enum(["embedded", "cluster"]),
  /** When the database was as the backup has it, by the clock of the database. Of a cluster: from then on any time can be restored. */
  takenAt: time,
  endedAt: time,
  /** The system identifier of the database. Every restored copy keeps it. */
  cluster: z.string().regex(/^\d+$/),
  generation: count,
  /** Version of the last migration. */
  schema: count,
  /** Version of the build. */
  hubbub: z.string(),
  postgres: z.string(),
  rooms: count,
  highestEpoch: count,
  /** Of a base backup, which needs the WAL from `start` to `end` at least. */
  wal: z.object({ timeline: count, start: z.string(), end: z.string(), segmentBytes: count }).nullable(),
  /** Public keys that the objects are sealed for; none: they are plain. */
  recipients: z.array(z.string()),
  database: part,
  /** null: no keys were there to be kept. */
  keys: part.nullable(),
  /** The list of the content of uploaded files, which is kept beside all backups. */
  files: part.extend({ count, contentBytes: count }),
  /** How to open it without this program. */
  byHand: z.array(z.string()),
});
export type Catalogue = z.infer<typeof catalogue>;

/** An object named backup.json cannot be read; the message says why. */
export class BadCatalogue extends Error {
  override readonly name = "BadCatalogue";
}

export const BACKUPS = "backups/";
const CATALOGUE = "backup.json";
const TESTED = "tested.json";

export const catalogueName = (id: string): string => `${BACKUPS}${id}/${CATALOGUE}`;
export const partName = (id: string, name: string): string => `${BACKUPS}${id}/${name}`;
/** There once the backup was restored and verified. */
export const testedName = (id: string): string => `${BACKUPS}${id}/${TESTED}`;

/** In the order of time. */
export function newId(at: Date): string {
  const seconds = at.toISOString().replace(/\.\d+/, "").replace(/[-:]/g, "");
  return `${seconds}-${crypto.randomUUID().slice(0, 4)}`;
}

export function writeCatalogue(value: Omit<Catalogue, "format">): Uint8Array {
  return Buffer.from(`${JSON.stringify({ format: FORMAT, ...value }, null, 2)}\n`);
}

/** `where`: the name of its object, in the folder of its id. @throws BadCatalogue */
export function readCatalogue(text: string, where: string): Catalogue {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new BadCatalogue(`${where} is no JSON`);
  }
  const { format } = Object(parsed) as { format?: unknown };
  if (typeof format === "number" && format > FORMAT)
    throw new BadCatalogue(`${where} has the format ${format}, and this build reads ${FORMAT}: use a newer build`);
  const result = catalogue.safeParse(parsed);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new BadCatalogue(`${where}: ${issue?.path.join(".")} ${issue?.message}`);
  }
  if (catalogueName(result.data.id) !== where)
    throw new BadCatalogue(
      `${where} is the catalogue of ${result.data.id}: remove the copy, or keep it outside of ${BACKUPS}`,
    );
  return result.data;
}
