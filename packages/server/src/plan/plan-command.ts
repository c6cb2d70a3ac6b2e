import { readFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import type { Settings } from "../settings.ts";
import { readBench } from "./bench-file.ts";
import { MEASURED } from "./figures.ts";
import type { Machine, PlanArguments } from "./load.ts";
import { planOf } from "./plan.ts";
import { composeLines, planText } from "./plan-text.ts";
import { postgresConf } from "./postgres-conf.ts";

export const thisMachine = (): Machine => ({ cores: cpus().length, memoryBytes: totalmem() });

/** Answers what is to be printed. @throws ConfigError for a bench.json that cannot be read */
export async function planCommand(settings: Settings, args: PlanArguments): Promise<string> {
  const { load, machine, print, bench } = args;
  const figures = bench === undefined ? MEASURED : readBench(await readFile(bench, "utf8"));
  const plan = planOf(load, machine, figures, settings);
  if (print === "json") return `${JSON.stringify({ load, figures, plan }, null, 2)}\n`;
  if (print === "compose") return composeLines(plan);
  return print === "postgres" ? postgresConf(machine, plan, load) : planText(load, plan, figures);
}
