import { EraseForm } from "./erase-form.tsx";
import { ExportForm } from "./export-form.tsx";

/** What the server keeps of the user: a copy of it, and its end. */
export function DataTab() {
  return (
    <>
      <ExportForm />
      <EraseForm />
    </>
  );
}
