import type { FileInfo } from "@hubbub/protocol";
import { type MouseEvent, useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { Message } from "../../model/timeline.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { Icon } from "../parts/icon.tsx";
import { permissionsOn } from "./message-choices.ts";
import { removeFile } from "./remove-file.ts";
import { useTalk } from "./talk-context.ts";

/** Of thumbnails, in CSS pixels: the smaller size that the server makes. */
const PICTURE_MAX_PX = 320;
const KIB = 1_024;
const UNITS = ["KiB", "MiB", "GiB"];

export function Files({ message }: { message: Message }) {
  const talk = useTalk();
  const overlays = useOverlays();
  const all = message.event.files ?? [];
  const { files } = talk.conversation;
  const remove = permissionsOn(message, talk).deleteFiles
    ? (file: FileInfo): Promise<boolean> => removeFile(file, talk, overlays)
    : undefined;
  const show = (file: FileInfo): void => {
    const pictures = all.filter((one) => isPictureFile(one) && !files.isGone(one.id));
    const addressOf = files.url.bind(files);
    overlays.openPictures({ files: pictures, index: pictures.indexOf(file), addressOf, remove });
  };
  return (
    <div className="files">
      {all.map((file) => (
        <OneFile key={file.id} file={file} show={show} />
      ))}
    </div>
  );
}

function OneFile({ file, show }: { file: FileInfo; show: (file: FileInfo) => void }) {
  const { files } = useTalk().conversation;
  const isGone = useSyncExternalStore(files.subscribe, () => files.isGone(file.id));
  if (!isGone) return <FileLink file={file} show={show} />;
  return (
    <span className="file gone">
      <FileName name={file.name} />
      <span className="muted">This file was deleted.</span>
    </span>
  );
}

/** A link that is asked for anew before it is used: it ends after a while. */
function FileLink({ file, show }: { file: FileInfo; show: (file: FileInfo) => void }) {
  const { conversation } = useTalk();
  const [href, setHref] = useState<string>();
  const renew = useCallback((): void => {
    conversation.files.url(file.id).then(setHref, () => setHref(undefined));
  }, [conversation, file.id]);
  useEffect(renew, [renew]);
  const isPicture = isPictureFile(file);
  /** With Ctrl, ⌘, Shift or Alt the browser does with the link what it always does. */
  const click = (event: MouseEvent): void => {
    if (!isPicture || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(file);
  };
  return (
    <a
      className={isPicture ? "file picture-file" : "file"}
      href={href}
      title={file.name}
      target="_blank"
      rel="noopener"
      onClick={click}
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
    conversation.files.url(id, { thumbnail: "small" }).then(setSrc, () => setMissing(true));
  }, [conversation, id]);
  const fail = (): void => {
    setMissing(true);
    // Without the server nothing is known of the file.
    conversation.files.check(id).catch(() => undefined);
  };
  if (isMissing) return <FileName name={name} />;
  const scale = Math.min(1, PICTURE_MAX_PX / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  return <img className="picture" alt={name} src={src} {...size} onError={fail} />;
}

function sizeOf(bytes: number): string {
  if (bytes < KIB) return `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log(bytes) / Math.log(KIB)), UNITS.length);
  return `${(bytes / KIB ** power).toFixed(1)} ${UNITS[power - 1]}`;
}
