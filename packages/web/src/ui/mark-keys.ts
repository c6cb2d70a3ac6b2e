/** Puts marks around what is selected in a box: Ctrl+B for bold, Ctrl+I for italic. Returns whether the key was one of them. */
export function pressMark(event: KeyboardEvent, box: HTMLTextAreaElement): boolean {
  const mark = { b: "**", i: "*" }[event.key.toLowerCase()];
  if (mark === undefined || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return false;
  event.preventDefault();
  const { selectionStart, selectionEnd, value } = box;
  // The only way to type for somebody that "undo" takes back. The box hears of it as of any input.
  document.execCommand("insertText", false, `${mark}${value.slice(selectionStart, selectionEnd)}${mark}`);
  box.setSelectionRange(selectionStart + mark.length, selectionEnd + mark.length);
  return true;
}
