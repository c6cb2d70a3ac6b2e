import type { FileInfo } from "@hubbub/protocol";
import { type KeyboardEvent, useEffect, useState } from "react";
import { IconButton } from "../parts/icon-button.tsx";
import { Dialog } from "./dialog.tsx";
import type { Overlays, Pictures } from "./overlays.ts";
import { useOverlay, useOverlays } from "./use-overlays.ts";

/** The pictures of one message, large. */
export function PictureHost() {
  const pictures = useOverlay((state) => state.pictures);
  return pictures === undefined ? null : (
    <PictureViewer key={pictures.files.map(({ id }) => id).join()} pictures={pictures} />
  );
}

function PictureViewer({ pictures }: { pictures: Pictures }) {
  const overlays = useOverlays();
  const { files } = pictures;
  const [index, setIndex] = useState(pictures.index);
  const file = files[index];
  const { large, original } = useAddresses(file, pictures);
  if (file === undefined) return null;
  const move = (by: number): void => setIndex((index + by + files.length) % files.length);
  const press = ({ key }: KeyboardEvent): void => {
    if (files.length > 1 && key === "ArrowLeft") move(-1);
    if (files.length > 1 && key === "ArrowRight") move(1);
  };
  return (
    <Dialog id="viewer" title={file.name} className="viewer" onKeyDown={press} close={() => overlays.closePictures()}>
      <img className="viewer-picture" alt={file.name} src={large} width={file.width} height={file.height} />
      <div className="viewer-foot">
        {files.length > 1 && (
          <>
            <IconButton id="viewer-previous" icon="back" label="Previous picture" side="top" onClick={() => move(-1)} />
            <span className="muted" aria-live="polite">
              {index + 1} of {files.length}
            </span>
            <IconButton id="viewer-next" icon="next" label="Next picture" side="top" onClick={() => move(1)} />
          </>
        )}
        {pictures.remove !== undefined && (
          <button
            id="viewer-delete"
            type="button"
            className="small danger"
            onClick={() => void removeShown(file, pictures, overlays).catch(reportError)}
          >
            Delete
          </button>
        )}
        <a
          id="viewer-download"
          className="button small"
          href={original}
          download={file.name}
          target="_blank"
          rel="noopener"
        >
          Download
        </a>
      </div>
    </Dialog>
  );
}

/** The viewer goes on with the other pictures, or ends. */
async function removeShown(file: FileInfo, pictures: Pictures, overlays: Overlays): Promise<void> {
  if (!(await pictures.remove?.(file))) return;
  const files = pictures.files.filter((one) => one !== file);
  const index = Math.min(pictures.files.indexOf(file), files.length - 1);
  if (overlays.state.pictures !== pictures) return;
  if (files.length === 0) overlays.closePictures();
  else overlays.openPictures({ ...pictures, files, index });
}

/** Of the picture as it fits a screen, and of the file itself. Links end after a while: they are asked for anew each time. */
function useAddresses(file: FileInfo | undefined, { addressOf }: Pictures) {
  const [addresses, setAddresses] = useState<{ large?: string; original?: string }>({});
  useEffect(() => {
    let isGone = false;
    setAddresses({});
    if (file === undefined) return;
    Promise.all([addressOf(file.id, { thumbnail: "large" }), addressOf(file.id)]).then(
      ([large, original]) => !isGone && setAddresses({ large, original }),
      reportError,
    );
    return () => {
      isGone = true;
    };
  }, [file, addressOf]);
  return addresses;
}
