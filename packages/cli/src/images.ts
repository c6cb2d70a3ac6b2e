/** How a terminal takes images. */
export type ImageProtocol = "kitty" | "iterm2";

const KITTY_CHUNK = 4_096;

/** What the terminal says of itself. Inside of tmux and screen nobody knows which terminal is outside. */
export function imageProtocolOf(variables: Readonly<Record<string, string | undefined>>): ImageProtocol | undefined {
  const { TERM = "", TERM_PROGRAM = "", KITTY_WINDOW_ID = "", TMUX = "" } = variables;
  if (TMUX !== "" || /^(?:tmux|screen)/.test(TERM)) return undefined;
  if (KITTY_WINDOW_ID !== "" || TERM === "xterm-kitty" || /ghostty/i.test(TERM_PROGRAM)) return "kitty";
  return TERM_PROGRAM === "iTerm.app" || TERM_PROGRAM === "WezTerm" ? "iterm2" : undefined;
}

/** Whether the terminal decodes files of this type. */
export function decodes(protocol: ImageProtocol, type: string): boolean {
  return protocol === "kitty" ? type === "image/png" : /^image\/(?:png|jpeg|gif|webp)$/.test(type);
}

/** Draws the image where the cursor is, so many rows high. */
export function imageCodes(protocol: ImageProtocol, content: Uint8Array, rows: number): string {
  const data = Buffer.from(content).toString("base64");
  if (protocol === "iterm2")
    return `\u001b]1337;File=inline=1;preserveAspectRatio=1;height=${rows};size=${content.byteLength}:${data}\u0007`;
  const count = Math.max(1, Math.ceil(data.length / KITTY_CHUNK));
  return Array.from({ length: count }, (_, at) => {
    const first = at === 0 ? `a=T,f=100,C=1,r=${rows},q=2,` : "";
    const chunk = data.slice(at * KITTY_CHUNK, (at + 1) * KITTY_CHUNK);
    return `\u001b_G${first}m=${at < count - 1 ? 1 : 0};${chunk}\u001b\\`;
  }).join("");
}

/** Removes what `imageCodes` has drawn, where erasing the screen does not. */
export function imageEnd(protocol: ImageProtocol): string {
  return protocol === "kitty" ? "\u001b_Ga=d,q=2\u001b\\" : "";
}
