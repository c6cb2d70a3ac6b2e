import type { DataExport } from "@hubbub/client";
import { type FormEvent, useEffect, useRef } from "react";
import { isOpen } from "../../../model/own-export.ts";
import { useChat, useModel } from "../../model.ts";
import { dayOf } from "../../words.ts";

const MEBI = 1_048_576;

/** An archive of everything that is about the user. */
export function ExportForm() {
  const { app, shown } = useModel();
  const { newest, isProofWanted, isBusy, error } = useChat((chat) => chat.ownExport);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => {
    app.chat?.own.exports.watch();
    return () => app.chat?.own.exports.unwatch();
  }, [app]);
  useEffect(() => {
    if (isProofWanted) password.current?.focus();
  }, [isProofWanted]);
  const submit = async (isDownload: boolean): Promise<void> => {
    const typed = password.current?.value ?? "";
    const exports = app.chat?.own.exports;
    const url = isDownload ? await exports?.link(typed) : void (await exports?.ask(typed));
    if (shown.chat.ownExport.error === "" && password.current !== null) password.current.value = "";
    // The answer is an attachment: the page stays.
    if (url !== undefined) location.assign(url);
  };
  return (
    <form
      id="export-form"
      className="part"
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault();
        const { submitter } = event.nativeEvent as SubmitEvent;
        submit(submitter instanceof HTMLButtonElement && submitter.value === "download").catch(reportError);
      }}
    >
      <h3>Your data</h3>
      <p className="muted">A zip archive of everything on this server that is about you. It is kept for some days.</p>
      <p id="export-state" role="status">
        {newest === undefined ? "" : wordsOf(newest)}
      </p>
      {isOpen(newest) && <Progress newest={newest} />}
      {isProofWanted && (
        <label className="field">
          <span>Your login is older than ten minutes. Your password</span>
          <input ref={password} id="export-password" type="password" autoComplete="current-password" maxLength={128} />
        </label>
      )}
      <p className="error" role="alert">
        {error}
      </p>
      <div className="acts">
        <button type="submit" value="ask" id="export-ask" disabled={isBusy || isOpen(newest)}>
          Export my data
        </button>
        {newest?.state === "done" && (
          <button type="submit" value="download" id="export-download" className="primary" disabled={isBusy}>
            Download
          </button>
        )}
      </div>
    </form>
  );
}

function Progress({ newest }: { newest: DataExport | undefined }) {
  const { done = 0, total = 0 } = newest?.progress ?? {};
  return (
    <progress
      id="export-progress"
      aria-label="Parts of the archive that are made"
      {...(total > 0 && { value: done / total })}
    />
  );
}

function wordsOf({ state, requestedAt, progress, bytes, fault }: DataExport): string {
  const size = `${(bytes / MEBI).toFixed(1)} MB`;
  switch (state) {
    case "queued":
      return "The archive waits for its turn.";
    case "running":
      return `The archive is made: ${progress.done} of ${progress.total} parts, ${size}.`;
    case "done":
      return `An archive of ${dayOf(requestedAt)} is ready (${size}).`;
    case "failed":
      return fault === "too_large" ? "Your data is larger than an archive may be." : "The archive could not be made.";
    case "expired":
      return "Your last archive is over.";
  }
}
