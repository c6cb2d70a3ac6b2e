import { useState } from "react";
import { useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { FormPart, textIn } from "../parts/form-part.tsx";
import { Field } from "../parts/part.tsx";
import { Toggle } from "../parts/toggle.tsx";

/** A name that is refused stays in its field. */
export function CreateSheet({ close }: { close: () => void }) {
  const { app } = useModel();
  const [isPrivate, setPrivate] = useState(false);
  const create = async (values: FormData): Promise<void> => {
    if (await app.chat?.create(textIn(values, "name"), isPrivate)) close();
  };
  return (
    <Dialog id="sheet" title="New room" close={close}>
      <FormPart submit="Create" act={create}>
        <Field label="Name">
          <input id="create-name" name="name" dir="auto" maxLength={64} required autoComplete="off" />
        </Field>
        <Toggle
          id="create-private"
          label="Private: only those who are invited find it"
          isOn={isPrivate}
          change={setPrivate}
        />
      </FormPart>
    </Dialog>
  );
}
