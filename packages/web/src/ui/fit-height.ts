const isSizedByContent = CSS.supports("field-sizing", "content");

/** A box is as high as its text, where the browser does not see to that. */
export function fitHeight(box: HTMLTextAreaElement): void {
  if (isSizedByContent) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}
