import type { HistoryPage } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { wholePage } from "./whole-page.ts";

test("G1 a page that was read before its events were lost and sent again elsewhere is read again", async () => {
  const pageOf = (epoch: number): HistoryPage => ({ messages: [], head: 3, epoch });
  const pages = [pageOf(1), pageOf(2)];
  const room = {
    position: { seq: 3, epoch: 1 },
    async history() {
      // What was lost comes while the first page is on its way.
      room.position = { seq: 900, epoch: 2 };
      return pages.shift() ?? pageOf(3);
    },
  };
  expect(await wholePage(room, {}, 3)).toEqual(pageOf(2));
});
