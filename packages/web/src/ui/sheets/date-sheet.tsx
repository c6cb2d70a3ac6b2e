import type { Room } from "@hubbub/protocol";
import { localDay } from "../../model/rows.ts";
import { useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { FormPart, textIn } from "../parts/form-part.tsx";
import { Field } from "../parts/part.tsx";

/** Asks for a day, and goes to its first message. */
export function DateSheet({ room, close }: { room: Room; close: () => void }) {
  const { app } = useModel();
  const act = async (values: FormData): Promise<void> => {
    // Midnight where the user is.
    const date = new Date(`${textIn(values, "date")}T00:00`).getTime();
    if (Number.isNaN(date)) return;
    close();
    app.chat?.conversation(room.id)?.jump({ date });
  };
  return (
    <Dialog id="date" title="Jump to a date" close={close}>
      <FormPart submit="Jump" act={act}>
        <Field label="Day">
          <input id="date-day" name="date" type="date" required max={localDay(Date.now())} />
        </Field>
      </FormPart>
    </Dialog>
  );
}
