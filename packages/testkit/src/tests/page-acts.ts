import type { Page } from "playwright-core";

/** Puts a picture on the clipboard and pastes it where the focus is. */
export async function pastePicture(page: Page, png: Buffer): Promise<void> {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate(`{
    const bytes = Uint8Array.from(atob("${png.toString("base64")}"), (one) => one.charCodeAt(0));
    navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) })]);
  }`);
  await page.keyboard.press("ControlOrMeta+V");
}

/** Drags a file of this machine over an element and lets it go there. `over`: what is looked at before it is let go. */
export async function dropFile(page: Page, selector: string, path: string, over?: () => Promise<void>): Promise<void> {
  const bounds = await page.locator(selector).boundingBox();
  if (bounds === null) throw new Error(`${selector} is not visible`);
  const devtools = await page.context().newCDPSession(page);
  const place = { x: bounds.x + bounds.width / 2, y: bounds.y + bounds.height / 2 };
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver"] as const)
    await devtools.send("Input.dispatchDragEvent", { type, data, ...place });
  await over?.();
  await devtools.send("Input.dispatchDragEvent", { type: "drop", data, ...place });
  await devtools.detach();
}

/** The time between two messages of a member, chosen by the owner. */
export async function chooseSlowMode(page: Page, seconds: number): Promise<void> {
  await page.click("#room-menu");
  await page.locator("#message-menu button", { hasText: "Settings" }).click();
  await page.selectOption("#sheet-body select[name=slow]", `${seconds}`);
  await page.locator("#sheet-body button", { hasText: "Save" }).click();
  await page.locator("#sheet").waitFor({ state: "hidden" });
}
