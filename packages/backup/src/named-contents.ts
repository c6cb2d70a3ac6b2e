import { withPostgres } from "./base-backup.ts";

const PAGE = 10_000;
/** A file has its content and perhaps thumbnails; an avatar has thumbnails alone. */
const NAMED = {
  name: "backup-named-contents",
  text: `
    select hash, is_file as "isFile" from (
      select c.hash, exists (
        select from hubbub.files f where f.hash = c.hash and f.stored_at is not null and f.released_at is null
      ) as is_file, exists (select from hubbub.profiles p where p.avatar = c.hash) as is_avatar
      from hubbub.file_contents c where c.hash > $1
    ) contents where is_file or is_avatar order by hash limit ${PAGE}`,
};

/** The hashes that the rows of a database name, and whether a file has it: some 150 bytes of memory for each. */
export async function namedContents(url: string): Promise<ReadonlyMap<string, boolean>> {
  return await withPostgres(url, async (database) => {
    const named = new Map<string, boolean>();
    for (let after = ""; ; ) {
      const rows = await database.run<{ hash: string; isFile: boolean }>(NAMED, [after]);
      for (const { hash, isFile } of rows) named.set(hash, isFile);
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return named;
      after = last.hash;
    }
  });
}
