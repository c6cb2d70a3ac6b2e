import type { DataExport } from "@hubbub/client";
import { type FormEvent, useEffect } from "react";
import { isOpen } from "../../../model/own-export.ts";
import type { Refusal } from "../../../model/refusal.ts";
import { useChat, useModel } from "../../model.ts";
import { RefusalContext } from "../../parts/refusal-context.ts";
import { dayOf } from "../../words.ts";
import { ProofField, proofIn } from "./security/proof-field.tsx";

const MEBI = 1_048_576;

/** An archive of everything that is about the user. */
export function ExportForm() {
  const { app } = useModel();
  const { newest, isProofWanted, isBusy, refusal } = useChat((chat) => chat.ownExport);
  const exports = app.chat?.own.exports;
  useEffect(() => {
    exports?.watch();
    return () => exports?.unwatch();
  }, [exports]);
  const submit = async (values: FormData, isDownload: boolean): Promise<void> => {
    const proof = proofIn(values);
    const url = isDownload ? await exports?.link(proof) : void (await exports?.ask(proof));
    // The answer is an attachment: the page stays.
    if (url !== undefined) location.assign(url);
  };
  const isOfField = isProofWanted && refusal?.field !== "";
  return (
    <form
      id="export-form"
      className="part"
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault();
        const { submitter } = event.nativeEvent as SubmitEvent;
        const isDownload = submitter instanceof HTMLButtonElement && submitter.value === "download";
        submit(new FormData(event.currentTarget), isDownload).catch(reportError);
      }}
    >
      <h3>Your data</h3>
      <p className="muted">A zip archive of everything on this server that is about you. It is kept for some days.</p>
      <p id="export-state" role="status">
        {newest === undefined ? "" : wordsOf(newest)}
      </p>
      {isOpen(newest) && <Progress newest={newest} />}
      {isProofWanted && <ExportProof refusal={refusal} />}
      <p className="error" role="alert">
        {!isOfField && refusal?.text}
      </p>
      <Choices newest={newest} isBusy={isBusy} />
    </form>
  );
}

function ExportProof({ refusal }: { refusal: Refusal | undefined }) {
  return (
    <RefusalContext value={refusal}>
      <p className="muted">Your login is older than ten minutes: say who you are.</p>
      <ProofField id="export-password" isFirst />
    </RefusalContext>
  );
}

function Choices({ newest, isBusy }: { newest: DataExport | undefined; isBusy: boolean }) {
  return (
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
