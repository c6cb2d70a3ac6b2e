import type { Upload } from "../../model/uploads.ts";
import { FileName } from "../message/files.tsx";
import { Icon } from "../parts/icon.tsx";

interface UploadListProps {
  readonly uploads: readonly Upload[];
  remove(key: string): void;
}

/** The files of the next message, and how far they are. */
export function UploadList({ uploads, remove }: UploadListProps) {
  if (uploads.length === 0) return null;
  return (
    <ul id="uploads" className="uploads" aria-label="Files of the next message">
      {uploads.map(({ key, name, progress, file, error }) => (
        <li key={key} className="upload">
          <FileName name={name} />
          {error !== "" && <span className="error">{error}</span>}
          {error === "" && file === undefined && <progress value={progress} aria-label={`Upload of ${name}`} />}
          {error === "" && file !== undefined && (
            <span className="stored">
              <Icon name="check" />
            </span>
          )}
          <button type="button" className="icon-button" aria-label={`Remove ${name}`} onClick={() => remove(key)}>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}
