import { check, type Finding } from "./finding.ts";
import type { PostgresFacts } from "./postgres-facts.ts";

const NEEDED = ["gateway", "api", "writer"] as const;

/** The processes that announce themselves. */
export function nodeFindings({ nodes, hasSchema }: PostgresFacts): Finding[] {
  const builds = [...new Set(nodes.map(({ build }) => build))].sort();
  const roles = new Map(NEEDED.map((role) => [role, nodes.filter((node) => node.roles.split(",").includes(role))]));
  const counts = [...roles].map(([role, those]) => `${those.length} ${role}`).join(", ");
  const least = Math.min(...[...roles.values()].map(({ length }) => length));
  const drained = nodes.filter(({ state }) => state !== null && state !== "serving").map(({ name }) => name);
  return [
    check(hasSchema, "fault", {
      name: "schema",
      is: hasSchema ? "the schema is there" : "the database has no schema of Hubbub",
      shouldBe: "the schema of this build",
      todo: "run `hubbub migrate`",
    }),
    check(builds.length <= 1, "warning", {
      name: "versions",
      is: builds.length === 0 ? "no process runs" : `${nodes.length} processes of ${builds.join(" and ")}`,
      shouldBe: "one version, but while an upgrade is going on",
      todo: "finish the upgrade, or go back",
    }),
    check(least >= 2, least === 1 ? "warning" : "fault", {
      name: "spare-processes",
      is: counts,
      shouldBe: "two of each role or more, so that one may fail",
      todo: "start more processes; `hubbub plan` says how many",
    }),
    check(drained.length === 0, "warning", {
      name: "drained-processes",
      is: drained.length === 0 ? "no process is drained" : `drained: ${drained.join(", ")}`,
      shouldBe: "all processes serve, but while somebody works on a zone",
      todo: "undo the drain: `hubbub drain --zone ZONE --undo`",
    }),
  ];
}
