import type { Row } from "./output.ts";

export const PER_PAGE = 200;

/** Page after page, of which one is in memory. */
export async function* pagesOf<Item>(
  read: (cursor: string | undefined) => Promise<{ items: readonly Item[]; cursor: string | undefined }>,
  toRow: (item: Item) => Row,
): AsyncGenerator<readonly Row[]> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield page.items.map(toRow);
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** What has a bound of its own, in one page. */
export async function* once<Item>(items: readonly Item[], toRow: (item: Item) => Row): AsyncGenerator<readonly Row[]> {
  yield items.map(toRow);
}
