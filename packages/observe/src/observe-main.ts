import { mkdirSync, writeFileSync } from "node:fs";
import { grafanaBoard } from "./board.ts";
import { rulesFile, runbooks } from "./rules.ts";

/** Writes the files of `infra/observe`, and the run-books. */
const root = new URL("../../../", import.meta.url);
const write = (path: string, text: string): void => writeFileSync(new URL(path, root), text);
mkdirSync(new URL("infra/observe/", root), { recursive: true });
write("infra/observe/alerts.yml", rulesFile());
write("infra/observe/grafana.json", grafanaBoard());
write("docs/alerts.md", runbooks());
