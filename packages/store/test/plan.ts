import type pg from "pg";

export interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly "Rows Removed by Join Filter"?: number;
  readonly Plans?: readonly Plan[];
}

export const PLAN_MODES = ["custom", "generic"] as const;

/** The plan of a prepared statement that was executed, with what it did. */
export async function explain(
  client: pg.Client,
  text: string,
  values: readonly unknown[],
  mode: (typeof PLAN_MODES)[number],
): Promise<Plan> {
  await client.query(`set plan_cache_mode = force_${mode}_plan`);
  await client.query(`prepare explained as ${text}`);
  const execution = `explain (analyze, format json) execute explained (${values.map(toLiteral).join(", ")})`;
  const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(execution);
  await client.query("deallocate explained");
  const [row] = rows;
  if (row === undefined) throw new Error("explain answers with a row");
  return row["QUERY PLAN"][0].Plan;
}

function toLiteral(value: unknown): string {
  const text = Array.isArray(value)
    ? `{${value.map((one) => (one === null ? "null" : JSON.stringify(String(one)))).join()}}`
    : String(value);
  return `'${text.replaceAll("'", "''")}'`;
}

/** Rows that a node has read or compared, in all its loops. */
export function rowsOf(plan: Plan): number {
  const removed = (["Filter", "Index Recheck", "Join Filter"] as const).map((by) => plan[`Rows Removed by ${by}`] ?? 0);
  return Math.round(removed.reduce((sum, rows) => sum + rows, plan["Actual Rows"]) * plan["Actual Loops"]);
}

export function nodesOf(plan: Plan): readonly Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
