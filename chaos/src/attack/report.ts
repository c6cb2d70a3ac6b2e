import type { Result } from "./run-attack.ts";

const cell = (text: string): string => text.replace(/[|\r\n]/g, " ").replace(/\p{Cc}/gu, "·");
const idsOf = ({ probe }: Result): string => probe.ids.map((id) => `V${id}`).join(", ") || "–";

/** A row for each probe, in the order of the requirements of ASVS 5.0. */
export function toMarkdown(url: URL, at: Date, results: readonly Result[]): string {
  const sorted = [...results].sort((a, b) => idsOf(a).localeCompare(idsOf(b), "en", { numeric: true }));
  const count = (verdict: string) => results.filter((one) => one.verdict === verdict).length;
  const rows = sorted.map((one) => {
    const { probe, verdict, saw, ms } = one;
    return `| ${idsOf(one)} | ${cell(probe.name)} | ${cell(probe.expects)} | ${verdict} | ${cell(saw)} | ${ms} |`;
  });
  return [
    `# Attack on ${url.origin}`,
    "",
    `${at.toISOString()}: ${count("held")} held, ${count("broken")} broken, ${count("skipped")} skipped. Ids of OWASP ASVS 5.0: what was tried of a`,
    "requirement, which is no proof that all of it is met.",
    "",
    "| ASVS | tried | expected | verdict | seen | ms |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

export function toJson(url: URL, at: Date, results: readonly Result[]): string {
  const probes = results.map(({ probe: { name, ids, expects }, verdict, saw, ms }) => {
    return { name, asvs: ids, expects, verdict, saw, ms };
  });
  const isHeld = results.every(({ verdict }) => verdict !== "broken");
  return `${JSON.stringify({ url: url.origin, at: at.toISOString(), held: isHeld, probes }, null, 2)}\n`;
}
