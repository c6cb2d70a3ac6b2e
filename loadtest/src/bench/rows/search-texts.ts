/** Texts and queries that are the same in each run. */

export type Chance = () => number;

/** Numbers from 0 to 1, the same for the same seed. */
export function chanceOf(seed: number): Chance {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const SYLLABLES = "ka to ri men sol ba ter lu ving or da ist en pra mo che wil der fan que zor nim".split(" ");
const WORDS = 20_000;
const WORDS_OF_TEXT = 22;
const HAN = { first: 0x4e00, count: 3_000 };
const CHINESE_EVERY = 20;

/** Word number `nth`: the first ones are short and in many texts, as in languages. */
function word(nth: number): string {
  let text = "";
  for (let rest = nth + 1; rest > 0; rest = Math.floor(rest / SYLLABLES.length))
    text += SYLLABLES[rest % SYLLABLES.length];
  return text;
}

/** About a tenth of all words is one of the first ten. */
function anyWord(chance: Chance): string {
  return word(Math.floor(WORDS ** chance()) - 1);
}

function anyHan(chance: Chance): string {
  return String.fromCodePoint(HAN.first + Math.floor(HAN.count * chance() ** 3));
}

export function textOf(nth: number, chance: Chance): string {
  if (nth % CHINESE_EVERY === 0) return Array.from({ length: 40 }, () => anyHan(chance)).join("");
  const words = Array.from({ length: WORDS_OF_TEXT }, () => anyWord(chance));
  if (nth % 50 === 0) words.push("https://example.org/page");
  return words.join(" ");
}

export const QUERIES: readonly ((chance: Chance) => string)[] = [
  anyWord,
  () => word(2),
  () => word(40),
  (chance) => word(1_000 + Math.floor(chance() * 1_000)),
  (chance) => word(15_000 + Math.floor(chance() * 1_000)),
  (chance) => word(5_000 + Math.floor(chance() * 1_000)).slice(1, -1),
  (chance) => `${anyWord(chance)} ${anyWord(chance)} ${anyWord(chance)}`,
  (chance) => `"${anyWord(chance)} ${anyWord(chance)}"`,
  (chance) => anyHan(chance),
  (chance) => anyHan(chance) + anyHan(chance),
  (chance) => `${anyWord(chance)} -${anyWord(chance)} from:me`,
  (chance) => `${anyWord(chance)} has:link before:2023-11-15`,
  () => "from:me",
  () => "is:pinned",
  () => "notthereatall",
  () => "zq",
];
