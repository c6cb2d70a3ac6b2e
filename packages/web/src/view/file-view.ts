import type { FileInfo } from "@hubbub/protocol";
import { make, makeWritten } from "./element.ts";

/** Of thumbnails, in CSS pixels: the smaller size that the server makes. */
const PICTURE_MAX_PX = 320;
const KIB = 1_024;
const UNITS = ["KiB", "MiB", "GiB"];

interface Links {
  fileUrl(file: string, options?: { thumbnail?: "small" | "large" }): Promise<string>;
}

export function viewFiles(files: readonly FileInfo[], links: Links): HTMLElement {
  return make(
    "div",
    "files",
    files.map((file) => viewFile(file, links)),
  );
}

/** A link that is asked for anew before it is used: it ends after a while. */
function viewFile(file: FileInfo, links: Links): HTMLElement {
  const link = make("a", "file", [pictureOf(file, links) ?? makeWritten("span", "file-name", `📎 ${file.name}`)]);
  link.append(make("span", "muted", sizeOf(file.bytes)));
  link.title = file.name;
  link.target = "_blank";
  link.rel = "noopener";
  const renew = (): void => {
    links.fileUrl(file.id).then(
      (url) => {
        link.href = url;
      },
      () => link.removeAttribute("href"),
    );
  };
  renew();
  for (const before of ["pointerenter", "focus"]) link.addEventListener(before, renew);
  return link;
}

/** Its place is kept before it has loaded, so nothing jumps. */
function pictureOf({ id, name, width, height }: FileInfo, links: Links): HTMLImageElement | undefined {
  if (width === undefined || height === undefined) return undefined;
  const scale = Math.min(1, PICTURE_MAX_PX / Math.max(width, height));
  const picture = make("img", "picture");
  picture.width = Math.max(1, Math.round(width * scale));
  picture.height = Math.max(1, Math.round(height * scale));
  picture.alt = name;
  links.fileUrl(id, { thumbnail: "small" }).then(
    (url) => {
      picture.src = url;
    },
    () => picture.replaceWith(makeWritten("span", "file-name", `📎 ${name}`)),
  );
  return picture;
}

function sizeOf(bytes: number): string {
  if (bytes < KIB) return `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log(bytes) / Math.log(KIB)), UNITS.length);
  return `${(bytes / KIB ** power).toFixed(1)} ${UNITS[power - 1]}`;
}
