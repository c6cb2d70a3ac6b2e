import type { Report, ReportReason } from "@hubbub/protocol";
import { useState } from "react";
import { explain } from "../../model/explain.ts";
import { momentAt } from "../figures-words.ts";
import { useOperator } from "../operator-context.ts";
import { usePages } from "../use-pages.ts";

const REASONS: Readonly<Record<ReportReason, string>> = {
  spam: "Spam",
  abuse: "Abuse or harassment",
  illegal: "Illegal content",
  other: "Something else",
};

/** Open reports of all rooms, the oldest first: those of direct rooms have nobody else. */
export function ReportsScreen() {
  const [isDirect, setDirect] = useState(false);
  return (
    <>
      <div className="screen-head">
        <h1>Reports</h1>
        <fieldset className="segments">
          <legend className="visually-hidden">Which rooms</legend>
          {[false, true].map((choice) => (
            <label key={String(choice)}>
              <input type="radio" name="rooms" checked={isDirect === choice} onChange={() => setDirect(choice)} />
              <span>{choice ? "Direct rooms" : "Rooms"}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <Queue isDirect={isDirect} />
    </>
  );
}

function Queue({ isDirect }: { isDirect: boolean }) {
  const operator = useOperator();
  const [fault, setFault] = useState("");
  const pages = usePages(`reports ${isDirect}`, (cursor) => operator.reports(isDirect, cursor));
  const { all, last, error, isLoading, more, again } = pages;
  const reports = all.flatMap((page) => page.reports);
  const decide = (id: string, state: "acted" | "dismissed"): void => {
    operator
      .decide(id, state)
      .then(
        () => {
          setFault("");
          again();
        },
        (reason: unknown) => setFault(explain(reason)),
      )
      .catch(reportError);
  };
  return (
    <>
      {(fault || error) !== "" && (
        <p className="error" role="alert">
          {fault || error}
        </p>
      )}
      <ol className="cards">
        {reports.map((report) => (
          <ReportCard key={report.id} report={report} decide={decide} />
        ))}
      </ol>
      {reports.length === 0 && <p className="muted">{isLoading ? "Loading…" : "No report waits."}</p>}
      {last?.cursor !== undefined && (
        <button type="button" onClick={more} disabled={isLoading}>
          Show more
        </button>
      )}
    </>
  );
}

interface CardProps {
  readonly report: Report;
  readonly decide: (id: string, state: "acted" | "dismissed") => void;
}

function ReportCard({ report, decide }: CardProps) {
  const { id, at, by, author, reason, text, message, deleted } = report;
  return (
    <li className="report-card">
      <p className="muted">
        {REASONS[reason]} · reported by {by.username} · {momentAt(at)}
      </p>
      {text !== undefined && <p dir="auto">“{text}”</p>}
      <blockquote dir="auto">
        {author.username}: {message ?? "(the author was erased)"}
        {deleted ? " (deleted since)" : ""}
      </blockquote>
      <div className="acts">
        <button type="button" className="small" onClick={() => decide(id, "acted")}>
          Mark as handled
        </button>
        <button type="button" className="small quiet" onClick={() => decide(id, "dismissed")}>
          Dismiss
        </button>
      </div>
    </li>
  );
}
