import sanitize from "sanitize-filename";

const NAME_MAX_BYTES = 200;
const NAMELESS = "file";
/** Overrides and isolates of the direction can show `exe.png` for `gnp.exe`; the others are not seen at all. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const EXTENSION = /\.[\p{L}\p{N}]{1,16}$/u;

/** A name under which any system can save a file: no path, no control or invisible character, at most 200 bytes of UTF-8. */
export function safeFileName(name: string): string {
  const [last = ""] = name.normalize("NFC").split(/[/\\]/).slice(-1);
  const clean = sanitize(shorten(last.replaceAll(INVISIBLE, "")))
    .replace(/^[.\s]+/, "")
    .trim();
  return clean === "" ? NAMELESS : clean;
}

/** The extension stays. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= NAME_MAX_BYTES) return name;
  const [extension = ""] = EXTENSION.exec(name) ?? [];
  const room = NAME_MAX_BYTES - Buffer.byteLength(extension);
  let kept = "";
  for (const character of name) {
    if (Buffer.byteLength(kept + character) > room) break;
    kept += character;
  }
  return kept.trimEnd() + extension;
}
