import type { FileInfo } from "@hubbub/protocol";
import { type MouseEvent, useCallback, useEffect, useState } from "react";
import type { Pictures } from "../overlay/overlays.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { Icon } from "../parts/icon.tsx";
import { useTalk } from "./talk-context.ts";

/** Of thumbnails, in CSS pixels: the smaller size that the server makes. */
const PICTURE_MAX_PX = 320;
const KIB = 1_024;
const UNITS = ["KiB", "MiB", "GiB"];

export function Files({ files }: { files: readonly FileInfo[] }) {
  const pictures = files.filter(isPictureFile);
  return (
    <div className="files">
      {files.map((file) => (
        <OneFile key={file.id} file={file} pictures={pictures} />
      ))}
    </div>
  );
}

/** A link that is asked for anew before it is used: it ends after a while. */
function OneFile({ file, pictures }: { file: FileInfo; pictures: readonly FileInfo[] }) {
  const overlays = useOverlays();
  const { conversation } = useTalk();
  const [href, setHref] = useState<string>();
  const renew = useCallback((): void => {
    conversation.fileUrl(file.id).then(setHref, () => setHref(undefined));
  }, [conversation, file.id]);
  useEffect(renew, [renew]);
  const isPicture = isPictureFile(file);
  /** With Ctrl, ⌘, Shift or Alt the browser does with the link what it always does. */
  const show = (event: MouseEvent): void => {
    if (!isPicture || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const addressOf: Pictures["addressOf"] = (id, options) => conversation.fileUrl(id, options);
    overlays.openPictures({ files: pictures, index: pictures.indexOf(file), addressOf });
  };
  return (
    <a
      className={isPicture ? "file picture-file" : "file"}
      href={href}
      title={file.name}
      target="_blank"
      rel="noopener"
      onClick={show}
      onPointerEnter={renew}
      onFocus={renew}
    >
      {isPicture ? <Picture file={file} /> : <FileName name={file.name} />}
      <span className="file-size muted">{sizeOf(file.bytes)}</span>
    </a>
  );
}

function isPictureFile({ width, height }: FileInfo): boolean {
  return width !== undefined && height !== undefined;
}

export function FileName({ name }: { name: string }) {
  return (
    <span className="file-name" dir="auto">
      <Icon name="file" />
      {name}
    </span>
  );
}

/** Its place is kept before it has loaded, so nothing jumps. */
function Picture({ file: { id, name, width = 1, height = 1 } }: { file: FileInfo }) {
  const { conversation } = useTalk();
  const [src, setSrc] = useState<string>();
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    conversation.fileUrl(id, { thumbnail: "small" }).then(setSrc, () => setMissing(true));
  }, [conversation, id]);
  if (isMissing) return <FileName name={name} />;
  const scale = Math.min(1, PICTURE_MAX_PX / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  return <img className="picture" alt={name} src={src} {...size} />;
}

function sizeOf(bytes: number): string {
  if (bytes < KIB) return `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log(bytes) / Math.log(KIB)), UNITS.length);
  return `${(bytes / KIB ** power).toFixed(1)} ${UNITS[power - 1]}`;
}
