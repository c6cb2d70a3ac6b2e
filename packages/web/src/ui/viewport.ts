/**
 * The page is as high as what can be seen of it: where an on-screen keyboard covers the page instead of resizing it,
 * the end of the conversation and the box stay above the keyboard.
 */
export function fitViewport(): void {
  const viewport = window.visualViewport;
  if (viewport === null) return;
  const fit = (): void => {
    // Someone who zooms in wants to see less of the page, not a smaller page.
    if (viewport.scale !== 1) return;
    document.documentElement.style.setProperty("--viewport-height", `${viewport.height}px`);
    scrollTo(0, 0);
  };
  viewport.addEventListener("resize", fit);
  viewport.addEventListener("scroll", fit);
  fit();
}
