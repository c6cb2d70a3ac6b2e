import type { FileInfo } from "@hubbub/protocol";
import { useCallback, useEffect, useState } from "react";
import { Icon } from "../parts/icon.tsx";
import { useTalk } from "./talk-context.ts";

/** Of thumbnails, in CSS pixels: the smaller size that the server makes. */
const PICTURE_MAX_PX = 320;
const KIB = 1_024;
const UNITS = ["KiB", "MiB", "GiB"];

export function Files({ files }: { files: readonly FileInfo[] }) {
  return (
    <div className="files">
      {files.map((file) => (
        <OneFile key={file.id} file={file} />
      ))}
    </div>
  );
}

/** A link that is asked for anew before it is used: it ends after a while. */
function OneFile({ file }: { file: FileInfo }) {
  const { conversation } = useTalk();
  const [href, setHref] = useState<string>();
  const renew = useCallback((): void => {
    conversation.fileUrl(file.id).then(setHref, () => setHref(undefined));
  }, [conversation, file.id]);
  useEffect(renew, [renew]);
  const isPicture = file.width !== undefined && file.height !== undefined;
  return (
    <a
      className={isPicture ? "file picture-file" : "file"}
      href={href}
      title={file.name}
      target="_blank"
      rel="noopener"
      onPointerEnter={renew}
      onFocus={renew}
    >
      {isPicture ? <Picture file={file} /> : <FileName name={file.name} />}
      <span className="file-size muted">{sizeOf(file.bytes)}</span>
    </a>
  );
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
