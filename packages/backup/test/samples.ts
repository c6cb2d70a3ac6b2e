import type { Catalogue } from "../src/catalogue.ts";
import type { Listed } from "../src/catalogues.ts";

const HASH = "a".repeat(64);

export function catalogueOf(given: Partial<Catalogue> = {}): Catalogue {
  return {
    ...{ format: 1, id: "20261127T094600Z-ab12", kind: "embedded", cluster: "7712788762896269354", generation: 1 },
    ...{ takenAt: "2026-11-27T09:46:00.000Z", endedAt: "2026-11-27T09:46:02.000Z", schema: 1, hubbub: "0.1.0" },
    ...{ postgres: "PostgreSQL 18.6", rooms: 2, highestEpoch: 3, wal: null, recipients: [], byHand: [] },
    database: { name: "database.tar.gz", bytes: 1, sha256: HASH },
    keys: { name: "keys.json.gz", bytes: 1, sha256: HASH },
    files: { name: "files.ndjson.gz", bytes: 1, sha256: HASH, count: 0, contentBytes: 0 },
    ...given,
  };
}

export function backupAt(takenAt: string, isTested = false): Listed {
  const id = `${takenAt.replace(/\.\d+|[-:]/g, "")}-ab12`;
  return { catalogue: catalogueOf({ id, takenAt }), isTested };
}
