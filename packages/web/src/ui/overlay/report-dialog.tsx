import { REPORT_REASONS, type ReportReason } from "@hubbub/protocol";
import { Dialog } from "./dialog.tsx";
import type { ReportForm } from "./overlays.ts";
import { useOverlay } from "./use-overlays.ts";

export const REASONS: Readonly<Record<ReportReason, string>> = {
  spam: "Spam",
  abuse: "Abuse or harassment",
  illegal: "Illegal content",
  other: "Something else",
};

/** Asks what is wrong with a message. */
export function ReportHost() {
  const report = useOverlay((state) => state.report);
  return report === undefined ? null : <ReportDialog report={report} />;
}

function ReportDialog({ report: { answer } }: { report: ReportForm }) {
  const submit = (values: FormData): void => {
    const reason = REPORT_REASONS.find((one) => one === values.get("reason"));
    answer(reason && { reason, text: String(values.get("text") ?? "").trim() });
  };
  return (
    <Dialog id="report" title="Report this message" close={() => answer(undefined)}>
      <form
        className="part"
        onSubmit={(event) => {
          event.preventDefault();
          submit(new FormData(event.currentTarget));
        }}
      >
        <p className="muted">Those who moderate see the message as it is now, and your name.</p>
        <label className="field">
          <span>What is wrong with it?</span>
          <select id="report-reason" name="reason">
            {REPORT_REASONS.map((one) => (
              <option key={one} value={one}>
                {REASONS[one]}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>What should they know? (optional)</span>
          <textarea id="report-text" name="text" dir="auto" rows={3} maxLength={500} />
        </label>
        <div className="dialog-actions">
          <button type="button" onClick={() => answer(undefined)}>
            Cancel
          </button>
          <button type="submit" id="report-yes" className="danger">
            Report
          </button>
        </div>
      </form>
    </Dialog>
  );
}
