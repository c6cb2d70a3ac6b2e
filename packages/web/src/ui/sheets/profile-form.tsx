import { timeZones } from "../../model/person-words.ts";
import { useModel } from "../model.ts";
import { FormPart, textIn } from "../parts/form-part.tsx";
import { Field } from "../parts/part.tsx";
import { useLoaded } from "../parts/use-loaded.ts";

/** What the user says of themselves to those who share a room with them. */
export function ProfileForm({ close }: { close: () => void }) {
  const { app } = useModel();
  const [profile] = useLoaded(async () => app.chat?.do((_, account) => account.get()));
  const save = async (values: FormData): Promise<void> => {
    const said = (name: string): string | null => textIn(values, name).trim() || null;
    const change = { displayName: said("display-name"), timeZone: said("time-zone"), about: said("about") };
    if (await app.chat?.own.changeProfile(change)) close();
  };
  if (profile === undefined) return null;
  return (
    <FormPart heading="Profile" submit="Save the profile" act={save}>
      <Field label="Display name">
        <input
          id="display-name"
          name="display-name"
          dir="auto"
          maxLength={64}
          defaultValue={profile.displayName}
          autoComplete="name"
        />
      </Field>
      <Field label="Time zone">
        <input name="time-zone" list="time-zones" defaultValue={profile.timeZone} placeholder={zoneHere()} />
      </Field>
      <datalist id="time-zones">
        {timeZones().map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <Field label="About you">
        <textarea id="about" name="about" dir="auto" rows={3} maxLength={500} defaultValue={profile.about} />
      </Field>
    </FormPart>
  );
}

function zoneHere(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
