import type { AdminAuditEntry } from "@hubbub/protocol/http-admin";
import { useState } from "react";
import { auditWords } from "../../model/audit-words.ts";
import { momentAt } from "../figures-words.ts";
import { useOperator } from "../operator-context.ts";
import { type Column, Table } from "../parts/table.tsx";
import { usePages } from "../use-pages.ts";

/** Acts that are looked for by themselves. */
const ACTS = [
  "account_suspend",
  "server_role_set",
  "connections_read",
  "report_close",
  "login_failed",
  "refresh_reused",
  "member_ban",
  "room_delete",
] as const;

const COLUMNS: readonly Column<AdminAuditEntry>[] = [
  { name: "When", cell: ({ at }) => momentAt(at) },
  {
    name: "What",
    cell: (entry) => (
      <span dir="auto">
        {auditWords(entry)}
        {entry.note === undefined ? "" : ` “${entry.note}”`}
      </span>
    ),
  },
  { name: "Act", cell: ({ act, outcome }) => (outcome === "refused" ? `${act}, refused` : act) },
  { name: "Address", cell: ({ address }) => address ?? "" },
];

/** Who did what on the whole server, the newest first. */
export function AuditScreen() {
  const operator = useOperator();
  const [act, setAct] = useState("");
  const { all, last, error, isLoading, more, again } = usePages(`audit ${act}`, (cursor) =>
    operator.audit(act || undefined, cursor),
  );
  return (
    <>
      <div className="screen-head">
        <h1>Audit</h1>
        <label className="filter">
          Act
          <select value={act} onChange={({ currentTarget }) => setAct(currentTarget.value)}>
            <option value="">all</option>
            {ACTS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <button type="button" onClick={again} disabled={isLoading}>
          Read again
        </button>
      </div>
      {error !== "" && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      <Table
        caption="Audit"
        columns={COLUMNS}
        rows={all.flatMap(({ entries }) => entries)}
        keyOf={({ id }) => id}
        none={isLoading ? "Loading…" : "There is no such entry."}
      />
      {last?.cursor !== undefined && (
        <button type="button" onClick={more} disabled={isLoading}>
          Show earlier ones
        </button>
      )}
    </>
  );
}
