import { writeFile } from "node:fs/promises";
import data from "emojibase-data/en/data.json" with { type: "json" };
import messages from "emojibase-data/en/messages.json" with { type: "json" };
import codes from "emojibase-data/en/shortcodes/github.json" with { type: "json" };

/** Newer ones have no picture in many systems that are in use. */
const VERSION_MAX = 15.1;
/** Skin tones and hair, which are no emoji of their own. */
const COMPONENTS = 2;

/** The emoji that the page offers, with their names and codes: `emoji.json`, which is loaded when somebody needs it. */
export async function buildEmoji(target) {
  const chosen = data.filter(
    ({ group, version }) => group !== undefined && group !== COMPONENTS && version <= VERSION_MAX,
  );
  const emojis = chosen.map(({ emoji, label, group, version, tags = [], hexcode }) => {
    return { emoji, label, category: group, version, tags, codes: [codes[hexcode] ?? []].flat() };
  });
  const categories = messages.groups
    .filter(({ order }) => order !== COMPONENTS)
    .map(({ order, message }) => ({ index: order, label: message }));
  await writeFile(`${target}/emoji.json`, JSON.stringify({ categories, emojis }));
}
