import { textIn } from "../parts/form-part.tsx";
import { Field, Select } from "../parts/part.tsx";
import { Dialog } from "./dialog.tsx";
import type { RestrictForm } from "./overlays.ts";
import { useOverlay } from "./use-overlays.ts";

/** Durations to choose from, in seconds; "": without an end. */
const TIMES: Readonly<Record<RestrictForm["act"], readonly (readonly [string, string])[]>> = {
  mute: [
    ["600", "10 minutes"],
    ["3600", "An hour"],
    ["86400", "A day"],
    ["604800", "7 days"],
    ["2592000", "30 days"],
  ],
  ban: [
    ["3600", "An hour"],
    ["86400", "A day"],
    ["604800", "7 days"],
    ["2592000", "30 days"],
    ["", "For ever"],
  ],
};
const TITLES = { mute: "Mute", ban: "Ban" } as const;
const CHOSEN = { mute: "3600", ban: "86400" } as const;

/** Asks how long somebody is to be muted or banned, and why. */
export function RestrictHost() {
  const form = useOverlay((state) => state.restrict);
  return form === undefined ? null : <RestrictDialog form={form} />;
}

function RestrictDialog({ form: { act, name, answer } }: { form: RestrictForm }) {
  const submit = (values: FormData): void => {
    const seconds = textIn(values, "seconds");
    answer({ seconds: seconds === "" ? undefined : Number(seconds), reason: textIn(values, "reason").trim() });
  };
  return (
    <Dialog id="restrict" title={`${TITLES[act]} ${name}`} close={() => answer(undefined)}>
      <form
        className="part"
        onSubmit={(event) => {
          event.preventDefault();
          submit(new FormData(event.currentTarget));
        }}
      >
        <p className="muted">
          {act === "mute" ? "They read and cannot write." : "They leave the room, and no way leads back meanwhile."}
        </p>
        <Field label="For how long?">
          <Select name="seconds" options={TIMES[act]} chosen={CHOSEN[act]} />
        </Field>
        {act === "ban" && (
          <Field label="Why? Moderators see it (optional)">
            <input name="reason" dir="auto" maxLength={256} />
          </Field>
        )}
        <div className="dialog-actions">
          <button type="button" onClick={() => answer(undefined)}>
            Cancel
          </button>
          <button type="submit" id="restrict-yes" className="danger">
            {TITLES[act]}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
