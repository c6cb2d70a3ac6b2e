import type { Report } from "@hubbub/protocol";
import type { Queue } from "../../model/reports.ts";
import { useChat, useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { REASONS } from "../overlay/report-dialog.tsx";
import { clockOf, dayOf } from "../words.ts";

/** The reports of a room that wait, for its moderators. */
export function QueueHost() {
  const queue = useChat((chat) => chat.reports.queue);
  return queue === undefined ? null : <QueueSheet queue={queue} />;
}

function QueueSheet({ queue: { isLoading, reports } }: { queue: Queue }) {
  const { app } = useModel();
  const hint = isLoading ? "Loading…" : reports.length === 0 ? "No report waits." : "";
  return (
    <Dialog id="queue" title="Reports" isWide close={() => app.chat?.reports.close()}>
      <ol id="queue-items" className="queue-items">
        {reports.map((report) => (
          <ReportRow key={report.id} report={report} />
        ))}
        {hint !== "" && <li className="muted">{hint}</li>}
      </ol>
    </Dialog>
  );
}

function ReportRow({ report }: { report: Report }) {
  const { at, by, reason, text } = report;
  return (
    <li className="queue-report">
      <p className="muted" dir="auto">
        {REASONS[reason]} · reported by {by.username} · {dayOf(at)} {clockOf(at)}
      </p>
      {text !== undefined && <p dir="auto">“{text}”</p>}
      <div className="report-words">
        <Near report={report} isBefore />
        <Reported report={report} />
        <Near report={report} isBefore={false} />
      </div>
      <Choices report={report} />
    </li>
  );
}

function Near({ report: { context, seq }, isBefore }: { report: Report; isBefore: boolean }) {
  return context
    .filter((one) => one.seq < seq === isBefore)
    .map((one) => (
      <p key={one.seq} className="near" dir="auto">
        {one.by.username}: {one.text ?? "(deleted)"}
      </p>
    ));
}

function Reported({ report: { author, message, deleted } }: { report: Report }) {
  return (
    <p className="reported" dir="auto">
      {author.username}: {message ?? "(the author was erased)"}
      {deleted ? " (deleted since)" : ""}
    </p>
  );
}

function Choices({ report }: { report: Report }) {
  const { app } = useModel();
  const reports = app.chat?.reports;
  const remove = (): void =>
    app.chat?.conversation(report.room)?.act(async (live) => {
      await live.delete(report.seq);
      reports?.decide(report, "acted");
    });
  return (
    <div className="dialog-actions">
      {!report.deleted && (
        <button type="button" className="small danger" onClick={remove}>
          Delete the message
        </button>
      )}
      <button type="button" className="small" onClick={() => reports?.decide(report, "acted")}>
        Mark as handled
      </button>
      <button type="button" className="small quiet" onClick={() => reports?.decide(report, "dismissed")}>
        Dismiss
      </button>
    </div>
  );
}
