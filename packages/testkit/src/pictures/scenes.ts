import type { Browser, Page } from "playwright-core";
import type { Embedded } from "../embedded.ts";
import { messages, openRoom, say } from "../tests/page-visit.ts";
import { Actor } from "./actor.ts";

const HEIGHTS = [62, 60, 66, 64, 61, 63, 59, 64, 62, 60, 24, 23, 25, 23, 22, 24];
const BARS = HEIGHTS.map((height) => `<i style="height:${height}px" class="${height > 40 ? "old" : "new"}"></i>`);
const CHART = `<style>
  body { margin: 0; padding: 14px; font: bold 13px sans-serif }
  div { display: flex; gap: 4px; align-items: end; height: 72px; border-bottom: 1px solid #ccc }
  i { flex: 1 } .old { background: #d98c66 } .new { background: #2d8f72 }
</style>Accept latency, p99<div>${BARS.join("")}</div>`;

/** A picture to attach. */
async function chart(browser: Browser): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 330, height: 120 } });
  await page.setContent(CHART);
  const picture = await page.screenshot();
  await page.close();
  return picture;
}

async function enterRoom(page: Page, name: string): Promise<void> {
  await page.fill("#room-search", name);
  await openRoom(page, name);
  await page.fill("#room-search", "");
}

/** A room in which people release something: a quote, code, a picture, reactions and a thread. */
export async function playRelease(browser: Browser, server: Embedded, page: Page): Promise<void> {
  const grace = await Actor.enter(server, "grace");
  const linus = await Actor.enter(server, "linus");
  const margaret = await Actor.enter(server, "margaret");
  const release = await grace.makeRoom("release", "What goes out this week, and when");
  const rooms = [await grace.makeRoom("lobby"), await grace.makeRoom("random"), await grace.makeRoom("support")];
  for (const actor of [linus, margaret]) await actor.join(release, ...rooms);
  for (const { name } of [...rooms, release]) await enterRoom(page, name);

  await grace.say(release, { text: "The build is green. Who takes the gateways, one after the other?" });
  await linus.say(release, {
    text: "> gateways, one after the other\n@ada please give each a minute: ~~10~~ **60** seconds.",
  });
  await messages(page).getByText("60").waitFor();
  await say(
    page,
    "Good point. Then it is\n```sh\nfor gateway in 1 2 3; do\n  docker compose restart gateway-$gateway\ndone\n```",
  );
  await messages(page).getByText("docker compose").waitFor();
  const news = await margaret.say(release, {
    text: "Gateway 3 runs the new build since ten: https://example.org/board/latency",
  });
  await page.setInputFiles("#files", { name: "latency.png", mimeType: "image/png", buffer: await chart(browser) });
  await page.locator("#uploads .stored").waitFor();
  await say(page, "Two thirds less, thanks to all of you.");
  const own = messages(page).locator(".item", { hasText: "Two thirds less" });
  await own.locator("img.picture[src]").waitFor();
  const ownSeq = Number(await own.getAttribute("data-seq"));
  for (const actor of [grace, linus, margaret]) await actor.react(release, ownSeq, "❤️");
  await grace.react(release, ownSeq, "😮");
  for (const said of [
    [grace, "What changed?"],
    [linus, "One batch for each tick, see `ring.ts`. It was **the copy**, not the socket."],
    [margaret, "I let it run over noon, then we are sure."],
  ] as const)
    await said[0].say(release, { text: said[1], thread: news });
  await linus.say(release, { text: "Wonderful. Then I have time for that coffee.", replyTo: news });
  await margaret.say(rooms[1] ?? release, { text: "@ada tea?" });
  await messages(page).getByText("that coffee").waitFor();
  await messages(page).locator(".thread-link", { hasText: "3 replies" }).click();
  await page.locator("#panel-items").getByText("over noon").waitFor();
  await page.locator("#panel-items .note").waitFor({ state: "detached" });
}

/** A room in Arabic. Texts have their own direction; the words of the page stay English. */
export async function playTea(server: Embedded, page: Page): Promise<void> {
  const layla = await Actor.enter(server, "layla");
  const omar = await Actor.enter(server, "omar");
  const room = await layla.makeRoom("استراحة الشاي", "كل يوم في الرابعة والنصف");
  await omar.join(room);
  await enterRoom(page, room.name);
  const question = await layla.say(room, { text: "صباح الخير! هل نجتمع اليوم في **الرابعة والنصف**؟" });
  await omar.say(room, { text: "نعم، سأحضر معي:\n- شاي بالنعناع\n- كعك التمر", replyTo: question });
  await layla.say(room, { text: "> شاي بالنعناع\nممتاز. العنوان: https://example.org/tea" });
  await omar.say(room, { text: "And biscuits for those who only read English." });
  await say(page, "شكرا لكم، أراكم هناك");
  await messages(page).getByText("أراكم").waitFor();
  await layla.react(room, question, "❤️");
  await messages(page).locator(".chip").waitFor();
  await page.fill("#compose-text", "هل أحضر");
}
