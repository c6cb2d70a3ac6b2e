import { useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { FormPart, textIn } from "../parts/form-part.tsx";
import { Field } from "../parts/part.tsx";

/** Begins a conversation with up to seven people. */
export function DirectSheet({ close }: { close: () => void }) {
  const { app } = useModel();
  const open = async (values: FormData): Promise<void> => {
    const wanted = textIn(values, "names")
      .split(/[\s,]+/)
      .filter((name) => name !== "");
    if (await app.chat?.message(wanted)) close();
  };
  return (
    <Dialog id="sheet" title="New message" close={close}>
      <FormPart submit="Open" act={open}>
        <Field label="To">
          <input
            id="direct-names"
            name="names"
            dir="auto"
            required
            autoCapitalize="none"
            autoComplete="off"
            placeholder="Name, or several"
          />
        </Field>
      </FormPart>
    </Dialog>
  );
}
